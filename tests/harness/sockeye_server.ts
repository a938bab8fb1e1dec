// Our server, on the runtime that runs this file: prints its port. `… sockeye_server.ts [port]`.
import process from "node:process";
import { startSockeye } from "./sockeye_peer.ts";

const [, , port] = process.argv;
const peer = await startSockeye(port === "0" ? undefined : Number(port));
console.log(`port ${peer.port}`);
