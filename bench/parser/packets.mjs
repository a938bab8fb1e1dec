/** The packets that are measured. */
const user = (i) => ({
  id: 1000 + i,
  name: `user number ${i}`,
  email: `user.${i}@example.com`,
  active: i % 2 === 0,
  score: i * 17.5,
  tags: ["alpha", "beta", "gamma"],
});

const attachment = (size, seed) =>
  Uint8Array.from({ length: size }, (_, i) => i * 31 + seed & 0xff);

// Read from a text, as a database's answer is: what a template joins is slow to write until V8 has
// laid it out at its next collection, whoever is measured then.
const users = JSON.parse(JSON.stringify([0, 1, 2, 3, 4, 5, 6].map(user)));

export const PACKETS = {
  "small event": { type: 2, nsp: "/", data: ["message", "hello world"] },
  "1 KB event": { type: 2, nsp: "/", data: ["users", users] },
  "1 KB attachment": {
    type: 2,
    nsp: "/",
    data: ["file", { name: "a.bin", content: attachment(1024, 7) }],
  },
  "20 attachments": {
    type: 2,
    nsp: "/",
    data: ["tiles", Array.from({ length: 20 }, (_, i) => attachment(64, i))],
  },
  "ack": { type: 3, nsp: "/", data: [{ status: "ok" }], id: 12 },
};

/** Puts what the text format writes for binary data where it stands. */
export function withPlaceholders(value) {
  let num = 0;
  return JSON.parse(JSON.stringify(value, (_key, item) => {
    return ArrayBuffer.isView(item) ? { _placeholder: true, num: num++ } : item;
  }));
}
