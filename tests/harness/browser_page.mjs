// What the client does in a page of any browser. The page reports each by a request to its server,
// so that a browser only has to be started, and needs no driver.

const DECODER = new TextDecoder();

/** By what a test is called: it takes the `io` of the client, and rejects if it fails. */
export const PAGE_TESTS = {
  async "starts with polling and moves to WebSocket, under a policy without eval"(io) {
    const socket = io();
    const { engine } = socket.io;
    const names = [engine.transport.name];
    await new Promise((resolve) => engine.on("upgrade", resolve));
    names.push(engine.transport.name, await socket.emitWithAck("echo", "ä€😀"));
    equal(names, ["polling", "websocket", "ä€😀"]);
    socket.disconnect();
  },

  "sends ArrayBuffer, Blob and File by polling": (io) => sendsBytes(io, "polling"),
  "sends ArrayBuffer, Blob and File by WebSocket": (io) => sendsBytes(io, "websocket"),
  "sends large texts and bytes by polling": (io) => sendsMuch(io, "polling"),
  "sends large texts and bytes by WebSocket": (io) => sendsMuch(io, "websocket"),

  async "loses and doubles nothing while it moves to WebSocket"(io) {
    const socket = io({ forceNew: true });
    const heard = [];
    socket.on("back", (n) => heard.push(n));
    let moved = false;
    socket.io.engine.on("upgrade", () => moved = true);
    let sent = 0;
    while (!moved || sent < 100) {
      for (let i = 0; i < 10; i++) socket.emit("back", sent++);
      await socket.emitWithAck("echo", sent);
    }
    equal(heard, Array.from({ length: sent }, (_, i) => i));
    socket.disconnect();
  },

  async "comes back with what it missed, and what waited"(io) {
    for (const transports of [["polling"], ["websocket"]]) {
      const socket = io({ transports, forceNew: true, reconnectionDelay: 10 });
      const heard = [];
      socket.on("told", (text) => heard.push(text));
      socket.on("back", (n) => heard.push(n));
      await event(socket, "connect");
      // Recovery begins with the first event that has an offset.
      socket.emit("tell", "first");
      await event(socket, "told");
      const { id } = socket;
      socket.emit("break and tell", "missed");
      await event(socket, "disconnect");
      socket.emit("back", 1);
      socket.emit("back", 2);
      await until(() => heard.length === 4);
      equal([heard, socket.id === id, socket.recovered], [["first", "missed", 1, 2], true, true]);
      socket.disconnect();
    }
  },

  async "goes to a server that refuses it no further than it may"(io) {
    const socket = io("/refuses", { auth: { token: "wrong" }, forceNew: true });
    const [error] = await event(socket, "connect_error");
    equal([error.message, error.data], ["wrong", { token: "wrong" }]);
    socket.auth = { token: "right" };
    socket.connect();
    await event(socket, "connect");
    socket.disconnect();
  },

  async "tells of a server that is not there"(io) {
    // A port that browsers connect to, and nobody has.
    for (const transport of ["polling", "websocket"]) {
      const options = { transports: [transport], reconnection: false, timeout: 20_000 };
      const socket = io("http://127.0.0.1:6", { ...options, forceNew: true });
      const [error] = await event(socket, "connect_error");
      equal(error.message, transport === "polling" ? "xhr poll error" : "websocket error");
    }
  },

  async "runs in a worker, made of a file or of a text"(io) {
    const script = `importScripts("${location.origin}/sockeye.min.js");
      const socket = io({ transports: ["websocket"] });
      socket.emit("echo", "from a worker", (answer) => {
        socket.disconnect();
        postMessage(answer);
      });`;
    for (const url of ["/worker.js", URL.createObjectURL(new Blob([script]))]) {
      const worker = new Worker(url);
      const message = await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = () => reject(new Error(`the worker of ${url} failed`));
      });
      equal(message, "from a worker");
    }
    equal(typeof io, "function");
  },

  async "says that a page is left, and its server hears it"(io) {
    const socket = io({ forceNew: true });
    await socket.emitWithAck("watch");
    for (const transport of ["polling", "websocket"]) {
      const frame = document.createElement("iframe");
      const entered = event(socket, "entered");
      frame.src = `/frame.html?${transport}`;
      document.body.append(frame);
      const [id] = await entered;
      const left = event(socket, "left");
      frame.src = "about:blank";
      const [who, reason] = await left;
      equal([who, /^transport (close|error)$/.test(reason)], [id, true]);
      frame.remove();
    }
    socket.disconnect();
  },

  async "sends cookies where it is told to"(io) {
    document.cookie = "place=here; Path=/";
    for (const transports of [["polling"], ["websocket"]]) {
      const socket = io({ transports, forceNew: true, withCredentials: true });
      const { headers } = await socket.emitWithAck("handshake");
      equal(/place=here/.test(headers.cookie), true);
      socket.disconnect();
    }
  },

  async "speaks MessagePack and CBOR"() {
    const { io } = await import("/sockeye.esm.min.js");
    const parsers = [
      (await import("/sockeye.msgpack.min.js")).msgpackParser,
      (await import("/sockeye.cbor.min.js")).cborParser,
    ];
    for (const parser of parsers) {
      const socket = io({ parser, forceNew: true });
      const answer = await socket.emitWithAck("echo", { bytes: new Uint8Array([1, 2]), n: 1.5 });
      equal([[...new Uint8Array(answer.bytes)], answer.n], [[1, 2], 1.5]);
      socket.disconnect();
    }
  },
};

async function sendsBytes(io, transport) {
  const socket = io({ transports: [transport], forceNew: true });
  const values = [
    new TextEncoder().encode("buffer").buffer,
    new Blob(["blob"]),
    new File(["file"], "name.txt"),
    new Uint8Array([0, 255]).subarray(1),
  ];
  const answer = await socket.emitWithAck("echo", values);
  equal(answer.slice(0, 3).map((bytes) => DECODER.decode(bytes)), ["buffer", "blob", "file"]);
  equal([...new Uint8Array(answer[3])], [255]);
  socket.disconnect();
}

async function sendsMuch(io, transport) {
  const socket = io({ transports: [transport], forceNew: true });
  const text = "größer".repeat(100_000);
  const bytes = Uint8Array.from({ length: 900_000 }, (_, i) => i % 251);
  const [back, same] = await socket.emitWithAck("echo", [text, bytes]);
  equal(back === text, true);
  equal(new Uint8Array(same).every((byte, i) => byte === i % 251), true);
  socket.disconnect();
}

/** Resolves to the arguments of an event, of which the last may be the offset of recovery. */
function event(emitter, name) {
  return new Promise((resolve) => emitter.once(name, (...args) => resolve(args)));
}

async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function equal(actual, expected) {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one} is not ${other}`);
}
