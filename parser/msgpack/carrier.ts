import { encodeTimestampExtension, EXT_TIMESTAMP, ExtData, ExtensionCodec } from "@msgpack/msgpack";
import { bytesOf, type Carrier } from "../binary/mod.ts";

// notepack.io, which the official parser uses, writes all of its extensions as type 0.
const EXTENSION = 0;
const FIXEXT_1 = 0xd4;
const FIXEXT_8 = 0xd7;
const TWO_32 = 2 ** 32;

const UNDEFINED = new ExtData(EXTENSION, new Uint8Array(1));

/** Writes what notepack.io reads. */
export const carrier: Carrier = {
  absent: UNDEFINED,
  bigint: () => {
    throw new TypeError(
      "Cannot encode packet: MessagePack clients have no big integers",
    );
  },
  special: (value) => {
    if (value instanceof Date) return dateToExtension(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return bytesOf(value);
    }
    return undefined;
  },
};

/** Writes MessagePack as its specification has it: `undefined` is `null`, a date is a timestamp. */
export const standardCarrier: Carrier = {
  ...carrier,
  absent: null,
  special: (value) => {
    if (!(value instanceof Date)) return carrier.special(value, () => undefined);
    const bytes = Number.isNaN(value.getTime()) ? null : encodeTimestampExtension(value);
    return bytes === null ? null : new ExtData(EXT_TIMESTAMP, bytes);
  },
};

/** Reads what notepack.io writes, and the standard timestamps, which the library knows. */
export const extensions: ExtensionCodec = new ExtensionCodec();
extensions.register({
  type: EXTENSION,
  encode: () => null,
  decode: fromExtension,
});

function dateToExtension(date: Date): ExtData | null {
  const time = date.getTime();
  if (Number.isNaN(time)) return null;
  const data = new Uint8Array(8);
  const view = new DataView(data.buffer);
  view.setInt32(0, Math.floor(time / TWO_32));
  view.setUint32(4, time >>> 0);
  return new ExtData(EXTENSION, data);
}

/** The form of the header tells `undefined` and a date from bytes that happen to be as long. */
function fromExtension(data: Uint8Array): unknown {
  const { byteLength } = data;
  // Other lengths stand in this place themselves, and may be the same number.
  const [form] = new Uint8Array(data.buffer, data.byteOffset - 2, 1);
  if (byteLength === 1 && form === FIXEXT_1) return undefined;
  if (byteLength !== 8 || form !== FIXEXT_8) return data;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return new Date(view.getInt32(0) * TWO_32 + view.getUint32(4));
}
