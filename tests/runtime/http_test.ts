import { describe } from "../harness/mod.ts";
import { start } from "../harness/started.ts";
import { http } from "../suite/http.ts";

describe("plain HTTP", () => http(start));
