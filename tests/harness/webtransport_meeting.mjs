/**
 * What a client goes through with the server in docs/webtransport.md; resolves to what it has seen.
 * It runs in Deno and in a page.
 */
export async function meet(socket) {
  const once = (source, event) =>
    new Promise((resolve) => source.once(event, (...args) => resolve(args)));
  const failed = once(socket, "connect_error").then(([error]) => {
    throw new Error(`connect_error: ${error.message}`, { cause: error });
  });
  const opened = once(socket.io, "open").then(() => socket.io.engine.transport.name);
  await Promise.race([once(socket, "connect"), failed]);
  const began = await opened;
  const { engine } = socket.io;
  if (engine.transport.name === "polling") await once(engine, "upgrade");
  const how = await new Promise((resolve) => socket.emit("how", resolve));
  const echoes = [];
  const all = new Promise((resolve) =>
    socket.on("echo", (text, bytes) => {
      echoes.push([text, new Uint8Array(bytes).length]);
      if (echoes.length === 3) resolve();
    })
  );
  socket.emit("echo", "small", new Uint8Array(1));
  socket.emit("echo", "€", new Uint8Array(300));
  socket.emit("echo", "large", new Uint8Array(400_000));
  await all;
  const bye = once(socket, "bye");
  const end = once(socket, "disconnect");
  socket.emit("leave");
  await bye;
  return { began, how, echoes, end: (await end)[0] };
}
