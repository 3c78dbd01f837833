"""A folder in a bucket of object storage: its address, keys and endpoint, and the few small objects of the writers.

Everything is found as the tools of AWS find it, by boto3: ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``,
``AWS_SESSION_TOKEN``, ``AWS_PROFILE`` and the shared files for the keys; ``AWS_ENDPOINT_URL_S3``, ``AWS_ENDPOINT_URL``
for the endpoint; ``AWS_REGION``, ``AWS_DEFAULT_REGION``. What boto3 found is given to Lance, which then looks
nowhere itself. The metadata endpoint of EC2 is asked only where ``AWS_EC2_METADATA_DISABLED=false`` says so: on a
laptop there is none, and asking for it would make missing keys a wait instead of a message.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from firth.errors import InputError, StoreError, require

__all__ = ["Found", "ObjectStorage"]

_SCHEME = "s3://"
_RETRYING = 30  # seconds that Lance goes on trying while the endpoint does not answer
_CONDITION_FAILED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "404", "409", "412"}
_KEYS_REFUSED = {"401", "403", "AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken"}
_KEYS_REFUSED |= {"SignatureDoesNotMatch", "Forbidden"}


@dataclass(frozen=True)
class Found:
    """An object that was read.

    Attributes:
        body: What is in it.
        etag: The version of it that a conditional write names.
        age: Seconds since it was written, by the endpoint's clock alone.
    """

    body: bytes
    etag: str
    age: float


class ObjectStorage:
    """One address, ``s3://bucket/folder``; the endpoint is asked for nothing before the first use.

    Args:
        location: The address.

    Raises:
        InputError: There is no bucket in it, or something that a key cannot hold.
    """

    def __init__(self, location: str) -> None:
        bucket, _, folder = location.removeprefix(_SCHEME).partition("/")
        if not location.startswith(_SCHEME) or not bucket or {"?", "#"} & set(location):
            raise InputError(f"got {location!r}; expected {_SCHEME}bucket/folder, without ? and #")
        self.bucket, self.folder = bucket, folder.strip("/")
        self.location = f"{_SCHEME}{bucket}/{self.folder}".rstrip("/")
        self._preparing = threading.Lock()

    @property
    def endpoint(self) -> str:
        """Scheme, host and port of where the bucket is."""
        url = urlsplit(self._client.meta.endpoint_url)
        return f"{url.scheme}://{url.hostname}" + (f":{url.port}" if url.port else "")

    def options(self) -> dict[str, str]:
        """What Lance is told, as ``storage_options``; other than before once keys that expire were renewed.

        Raises:
            StoreError: There are no keys, no such bucket, no answer, or the keys are refused.
            MissingExtraError: boto3 is not installed.
        """
        keys = self._credentials.get_frozen_credentials()
        options = {
            "aws_access_key_id": keys.access_key,
            "aws_secret_access_key": keys.secret_key,
            "aws_region": self._region,
            "client_retry_timeout": str(_RETRYING),
        }
        if keys.token:
            options["aws_session_token"] = keys.token
        if not self._is_aws:
            url = self._client.meta.endpoint_url
            options["aws_endpoint"], options["allow_http"] = url, str(url.startswith("http://")).lower()
        return options

    def read(self, name: str) -> Found | None:
        """An object of the folder, or None if it is not there."""
        with self._plainly():
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=self._key(name))
            except self._client.exceptions.NoSuchKey:
                return None
            return Found(answer["Body"].read(), answer["ETag"], _now(answer) - _time(answer["LastModified"]))

    def write(self, name: str, body: bytes, *, replacing: str | None = None, new: bool = False) -> str | None:
        """Write an object, if a condition allows it.

        Args:
            name: Which.
            body: No two writes may have the same: so a write whose answer was lost is known by its body.
            replacing: Only if the object's ETag still is this one.
            new: Only if there is no such object.

        Returns:
            The object's ETag; None if the condition did not hold.
        """
        condition = {"IfNoneMatch": "*"} if new else {"IfMatch": replacing} if replacing else {}
        with self._plainly():
            from botocore.exceptions import ClientError

            try:
                answer = self._client.put_object(
                    Bucket=self.bucket, Key=self._key(name), Body=body, **condition
                )
                return str(answer["ETag"])
            except ClientError as error:
                if not condition or _code(error) not in _CONDITION_FAILED:
                    raise
        there = self.read(name)
        return there.etag if there is not None and there.body == body else None

    def ages(self, start: str) -> dict[str, float]:
        """Seconds since each object was written whose name begins so, by the endpoint's clock."""
        prefix, ages = self._key(start), {}
        with self._plainly():
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix
            ):
                for entry in page.get("Contents", ()):
                    name = start + entry["Key"].removeprefix(prefix)
                    ages[name] = _now(page) - _time(entry["LastModified"])
        return ages

    def remove(self, name: str) -> None:
        """Remove an object; one that is not there is passed over."""
        with self._plainly():
            self._client.delete_object(Bucket=self.bucket, Key=self._key(name))

    def _key(self, name: str) -> str:
        return f"{self.folder}/{name}".lstrip("/")

    @cached_property
    def _session(self) -> Any:
        boto3 = require("boto3", extra="s3", purpose="for collections on object storage")
        from botocore.exceptions import BotoCoreError
        from botocore.session import get_session

        session = get_session()
        try:
            if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() != "false":
                session.get_component("credential_provider").remove("iam-role")
            return boto3.Session(botocore_session=session)
        except BotoCoreError as error:
            raise StoreError(f"{error}. Next: correct AWS_PROFILE or the AWS configuration") from error

    @cached_property
    def _credentials(self) -> Any:
        with self._preparing, self._plainly():
            found = self._session.get_credentials()
        if found is None:
            raise StoreError(
                f"no AWS keys for {self.location}; expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                "AWS_PROFILE. Next: set them (on EC2, AWS_EC2_METADATA_DISABLED=false takes those of the machine)"
            )
        return found

    @cached_property
    def _client(self) -> Any:
        _ = self._credentials
        from botocore.config import Config

        config = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            request_checksum_calculation="when_required",  # others than AWS do not know them all
            response_checksum_validation="when_required",
        )
        with self._preparing, self._plainly():
            return self._session.client("s3", config=config)

    @cached_property
    def _region(self) -> str:
        """Where the bucket is; asking for it also tells a missing bucket and wrong keys in plain words."""
        with self._plainly():
            found = self._client.head_bucket(Bucket=self.bucket)
        said, configured = found.get("BucketRegion"), self._session.region_name
        return str((said or configured if self._is_aws else configured or said) or "us-east-1")

    @property
    def _is_aws(self) -> bool:
        """Whether the endpoint is AWS's own, which Lance finds by the region; not one that was given."""
        host = urlsplit(self._client.meta.endpoint_url).hostname or ""
        return host.startswith("s3.") and host.endswith((".amazonaws.com", ".amazonaws.com.cn"))

    @contextlib.contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turn boto3's errors into a `StoreError` that says what to do."""
        _ = self._session  # first of all, whether boto3 is there
        from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

        try:
            yield
        except ClientError as error:
            raise StoreError(self._refusal(_code(error), error.operation_name)) from error
        except (ConnectionError, HTTPClientError) as error:
            raise StoreError(
                f"no answer from {self.endpoint}; expected an S3 endpoint. "
                "Next: check AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL) and the network"
            ) from error
        except (BotoCoreError, ValueError) as error:
            raise StoreError(f"{self.location}: {error}. Next: correct the AWS configuration") from error

    def _refusal(self, code: str, operation: str) -> str:
        if code in {"NoSuchBucket", "404"}:
            return (
                f"there is no bucket {self.bucket!r} at {self.endpoint}; expected one that exists. "
                "Next: make it, or correct the address"
            )
        if code in _KEYS_REFUSED:
            return (
                f"{self.endpoint} refused the AWS keys ({code}); expected keys that may read and write the bucket "
                f"{self.bucket!r}. Next: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            )
        return (
            f"{self.endpoint} refused {operation} for {self.location} ({code}). Next: see its documentation"
        )


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _now(answer: dict[str, Any]) -> float:
    """The endpoint's time of an answer: all ages are by one clock, whatever those of the machines say."""
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()


def _time(when: datetime) -> float:
    return when.timestamp()
