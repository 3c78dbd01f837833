// The binary form of a map: the byte layout of safetensors. Little-endian u64 length, a JSON header, then the buffers.

const KINDS = {
  F32: Float32Array, U16: Uint16Array, U8: Uint8Array, I8: Int8Array, I16: Int16Array, I32: Int32Array, U32: Uint32Array,
};

/** Read a buffer: {arrays: {name: {array, shape}}, meta}. Throws what was wrong. */
export function readTensors(buffer) {
  if (buffer.byteLength < 8) throw new Error(`points: got ${buffer.byteLength} bytes, expected a header`);
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  if (length > buffer.byteLength - 8) throw new Error("points: the header is longer than the file");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: words = {}, ...tensors } = header;
  const meta = words.firth ? JSON.parse(words.firth) : words;
  const arrays = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(tensors)) {
    const Kind = KINDS[dtype];
    if (!Kind) throw new Error(`points: ${name} has the unknown type ${dtype}`);
    // a copy where it is not aligned; typed arrays cannot begin at any byte
    const at = 8 + length + from;
    const aligned = at % Kind.BYTES_PER_ELEMENT === 0;
    const count = (to - from) / Kind.BYTES_PER_ELEMENT;
    if (count !== shape.reduce((a, b) => a * b, 1)) throw new Error(`points: ${name} is damaged`);
    const array = aligned ? new Kind(buffer, at, count) : new Kind(buffer.slice(at, at + to - from));
    arrays[name] = { array, shape };
  }
  return { arrays, meta };
}

/** A layout to draw: raw numbers and what they mean: value = raw * scale + offset, axis by axis. */
export function layoutOf({ array, shape: [n, dims] }, { lo, step } = {}) {
  const whole = array instanceof Uint16Array;
  if (whole && !(lo && step)) throw new Error("points: whole-number coordinates without lo and step");
  return { array, n, dims, scale: whole ? three(step, 1) : [1, 1, 1], offset: whole ? three(lo, 0) : [0, 0, 0] };
}

const three = (given, filler) => [0, 1, 2].map((axis) => given[axis] ?? filler);

/** The position of a point in the map's own units. */
export function position(layout, i) {
  const { array, dims, scale, offset } = layout;
  const at = [0, 0, 0];
  for (let axis = 0; axis < dims; axis++) at[axis] = array[i * dims + axis] * scale[axis] + offset[axis];
  return at;
}
