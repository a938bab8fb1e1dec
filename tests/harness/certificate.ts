import { spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";

const found = spawnSync("openssl", ["version"]).status === 0;

/** The `skip` option of a test that needs OpenSSL: the reason, if there is none. In CI it fails. */
export const SKIP: { skip?: string } = found || process.env["CI"] === "true"
  ? {}
  : { skip: "no openssl found: install it" };

if ("skip" in SKIP) console.log(`Skipped: ${SKIP.skip}`);

/**
 * Makes `key.pem` and `cert.pem` in a folder, for 127.0.0.1, as browsers take them for WebTransport
 * by the hash of the certificate. Returns the hash in base64.
 */
export function makeCertificate(folder: string): string {
  run("ecparam -genkey -name prime256v1 -out key.pem");
  run(
    "req -x509 -key key.pem -out cert.pem -days 10 -subj /CN=localhost " +
      "-addext subjectAltName=IP:127.0.0.1",
  );
  const { raw } = new X509Certificate(readFileSync(`${folder}/cert.pem`));
  return createHash("sha256").update(raw).digest("base64");

  function run(command: string): void {
    const { status, stderr } = spawnSync("openssl", command.split(" "), { cwd: folder });
    if (status !== 0) throw new Error(`openssl ${command}: ${stderr}`);
  }
}
