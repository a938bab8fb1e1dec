// A client of the server in docs/webtransport.md, for `deno run --unstable-net`: prints what it has
// seen as JSON. `webtransport_client.mjs ours|official <port> <hash> <transports>`; or, instead of
// the transports, with `raw`: the first bytes of one session each, in hexadecimal.
const [kind, port, hash, list] = Deno.args;
const value = Uint8Array.fromBase64(hash);
const certificate = { serverCertificateHashes: [{ algorithm: "sha-256", value }] };

const seen = kind === "raw" ? await sendBytes() : await meetServer();
console.log(`seen ${JSON.stringify(seen)}`);
Deno.exit();

async function meetServer() {
  const { io } = kind === "ours"
    ? await import("../../client/mod.ts")
    : await import("npm:socket.io-client@4");
  const { meet } = await import("./webtransport_meeting.mjs");
  return await meet(io(`https://127.0.0.1:${port}`, {
    transports: list.split(","),
    reconnection: false,
    transportOptions: { webtransport: certificate },
    ...(kind === "ours" ? {} : { rejectUnauthorized: false }),
  }));
}

async function sendBytes() {
  const ends = [];
  for (const hex of list.split(",")) {
    const session = new WebTransport(`https://127.0.0.1:${port}/socket.io/`, certificate);
    await session.ready;
    const { writable } = await session.createBidirectionalStream();
    await writable.getWriter().write(Uint8Array.fromHex(hex));
    ends.push(await session.closed.then(() => "closed"));
  }
  return ends;
}
