/** The parts of the server, one by one. */
import { Emitter } from "../../events/mod.ts";
import { RoomIndex } from "../../server/adapter/rooms.ts";
import { FakeWorld } from "../fake_host.ts";
import type { Case } from "./timing.ts";

const VALUE = "x".repeat(32);
const ECHO = `2["echo","${VALUE}"]`;
const MEMBERS = 1000;

/** Calling listeners. */
export function emitterCases(): Case[] {
  let heard = 0;
  const one = new Emitter();
  const three = new Emitter();
  const listener = (value: unknown) => void (heard += value === VALUE ? 1 : 0);
  one.on("echo", listener);
  for (let i = 0; i < 3; i++) three.on("echo", () => listener(VALUE));
  const args = [VALUE];
  const name = "echo";
  return [
    { name: "dispatch to 1 listener", operations: 1, run: () => one.dispatch(name, args) },
    { name: "dispatch to 3 listeners", operations: 1, run: () => three.dispatch(name, args) },
    { name: "dispatch to none", operations: 1, run: () => one.dispatch("other", args) },
    {
      name: "on + off",
      operations: 1,
      run: () => one.on("other", listener).off("other", listener),
    },
  ];
}

/** Who is in which room. */
export function roomCases(): Case[] {
  const index = new RoomIndex();
  const ids = Array.from({ length: MEMBERS }, (_, number) => `socket ${number}`);
  for (const id of ids) {
    index.add(id, id);
    index.add(id, "all");
  }
  const rooms = new Set(["all"]);
  const overlapping = new Set(["all", "other", ids[0] ?? ""]);
  const except = new Set(ids.slice(0, 1));
  let next = 0;
  const count = (target: Parameters<RoomIndex["visit"]>[0]) => {
    let found = 0;
    index.visit(target, () => found++);
    return found;
  };
  return [
    {
      name: "join + leave a room",
      operations: 1,
      run() {
        const id = ids[next++ % MEMBERS] ?? "";
        index.add(id, "other");
        index.delete(id, "other");
      },
    },
    { name: "visit a room, per member", operations: MEMBERS, run: () => count({ rooms }) },
    {
      name: "visit a room but one, per member",
      operations: MEMBERS,
      run: () => count({ rooms, except }),
    },
    {
      name: "visit three rooms, per member",
      operations: MEMBERS,
      run: () => count({ rooms: overlapping }),
    },
  ];
}

/** Whole ways through the server, from the WebSocket of the runtime and back to it. */
export function serverCases(): Case[] {
  const world = new FakeWorld();
  world.io.on("connection", (socket) => {
    socket.join("room");
    socket.on("hear", () => {});
    socket.on("echo", (value: unknown) => socket.emit("echo", value));
    socket.on("ack", (value: unknown, answer: (value: unknown) => void) => answer(value));
    socket.on("say", (value: unknown) => socket.to("room").emit("said", value));
  });
  const peers = Array.from({ length: MEMBERS }, () => world.connect());
  const [peer] = peers;
  const [socket] = world.io.sockets.sockets.values();
  const bytes = new Uint8Array(1024);
  return [
    {
      name: "bare JSON.parse + JSON.stringify",
      operations: 1,
      run: () => "42" + JSON.stringify(JSON.parse(ECHO.slice(1))),
    },
    { name: "frame to listener", operations: 1, run: () => peer?.say(`42["hear","${VALUE}"]`) },
    { name: "frame to listener to frame", operations: 1, run: () => peer?.say("4" + ECHO) },
    {
      name: "frame to listener to acknowledgement",
      operations: 1,
      run: () => peer?.say(`427["ack","${VALUE}"]`),
    },
    { name: "emit", operations: 1, run: () => socket?.emit("echo", VALUE) },
    { name: "emit 1 KiB of bytes", operations: 1, run: () => socket?.emit("bin", bytes) },
    {
      name: "broadcast, per recipient",
      operations: MEMBERS,
      run: () => world.io.emit("news", VALUE),
    },
    {
      name: "broadcast to a room but the sender, per recipient",
      operations: MEMBERS,
      run: () => peer?.say(`42["say","${VALUE}"]`),
    },
    {
      name: "connect + disconnect",
      operations: 1,
      run: () => world.connect().vanish(),
    },
  ];
}
