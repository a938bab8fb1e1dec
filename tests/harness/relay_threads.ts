// Threads of Bun that share a port: tells it once all of them listen.
interface BunLike {
  serve(options: object): { readonly port: number };
}

declare const self: { postMessage(message: unknown): void };

const { Bun, Worker } = globalThis as unknown as {
  readonly Bun: BunLike & { readonly isMainThread: boolean };
  readonly Worker: typeof globalThis.Worker;
};

const COUNT = 3;

async function listen(port: number): Promise<number> {
  const { default: handler } = await import("./relay_thread.ts");
  return Bun.serve({ hostname: "127.0.0.1", port, reusePort: true, ...handler }).port;
}

if (Bun.isMainThread) {
  const port = await listen(0);
  await Promise.all(Array.from({ length: COUNT - 1 }, () => {
    const worker = new Worker(import.meta.url);
    worker.postMessage(port);
    return new Promise((resolve) => worker.onmessage = resolve);
  }));
  console.log(`http://127.0.0.1:${port}`);
} else {
  addEventListener("message", async (event) => {
    self.postMessage(await listen((event as MessageEvent<number>).data));
  });
}
