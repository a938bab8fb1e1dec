import { isReactive, reactive } from "@vue/reactivity";
import { io } from "../../../client/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";

describe("a socket in the state of a Vue component", () => {
  it("stays as it is, with its manager", () => {
    const socket = io("http://localhost", { autoConnect: false, forceNew: true });
    const state = reactive({ socket, manager: socket.io, deep: { list: [socket] } });
    for (const one of [state.socket, state.deep.list[0]]) assert.equal(one, socket);
    assert.deepEqual([isReactive(state), isReactive(state.manager)], [true, false]);
    state.socket.on("a", () => {}).off("a").disconnect();
  });
});
