const TWO_32 = 2 ** 32;

/** The major types of CBOR. */
export const Major = {
  Unsigned: 0,
  Negative: 1,
  Bytes: 2,
  Text: 3,
  Array: 4,
  Map: 5,
  Tag: 6,
  Simple: 7,
} as const;

/** Appends the head of a CBOR item: its major type and a number, in the shortest form. */
export function pushHead(target: number[], major: number, value: number): void {
  const type = major << 5;
  if (value < 24) target.push(type | value);
  else if (value < 0x100) target.push(type | 24, value);
  else if (value < 0x10000) target.push(type | 25, value >> 8, value & 0xff);
  else if (value < TWO_32) {
    target.push(type | 26);
    pushUint32(target, value);
  } else {
    target.push(type | 27);
    pushUint32(target, Math.floor(value / TWO_32));
    pushUint32(target, value % TWO_32);
  }
}

function pushUint32(target: number[], value: number): void {
  target.push(
    value >>> 24,
    value >>> 16 & 0xff,
    value >>> 8 & 0xff,
    value & 0xff,
  );
}
