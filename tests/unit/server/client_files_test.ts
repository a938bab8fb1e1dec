import { ClientFiles } from "../../../server/client_files.ts";
import { assert, describe, it, mock } from "../../harness/mod.ts";

const FILE = "socket.io.min.js";
const request = () => new Request(`http://host/socket.io/${FILE}`);

describe("the files of the client", () => {
  it("are not read without permission, which is asked for at each request", async () => {
    const written = mock.method(console, "warn", () => {});
    try {
      const asked: string[] = [];
      let allowed = false;
      const files = new ClientFiles((file) => {
        asked.push(file.href.slice(file.href.lastIndexOf("/dist/")));
        return Promise.resolve(allowed);
      });
      assert.equal(await files.serve(request(), FILE), undefined);
      assert.equal(await files.serve(request(), FILE), undefined);
      assert.deepEqual(asked, [`/dist/${FILE}`, `/dist/${FILE}`]);
      assert.match(String(written.mock.calls[0]?.arguments[0]), /^Cannot serve .*permission/);
      assert.equal(written.mock.callCount(), 1, "whoever asks does not fill the log");
      allowed = true;
      assert.equal((await files.serve(request(), FILE))?.status, 200);
      assert.equal((await files.serve(request(), FILE))?.status, 200);
      assert.equal(asked.length, 3);
    } finally {
      written.mock.restore();
    }
  });

  it("are tried again after a failure, compressed or not", async () => {
    const written = mock.method(console, "warn", () => {});
    try {
      let failing = true;
      const files = new ClientFiles(() =>
        failing ? Promise.reject(new Error("gone")) : Promise.resolve(true)
      );
      const packed = new Request(request(), { headers: { "accept-encoding": "gzip" } });
      assert.equal(await files.serve(packed, FILE), undefined);
      assert.match(String(written.mock.calls[0]?.arguments[0]), /gone$/);
      failing = false;
      assert.equal((await files.serve(packed, FILE))?.headers.get("content-encoding"), "gzip");
    } finally {
      written.mock.restore();
    }
  });
});
