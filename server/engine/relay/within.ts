const PATIENCE = 1000;

/** Resolves as soon as something has, or a second later. What ends must not wait for ever. */
export async function withinASecond(work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([
    work,
    new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE)),
  ]);
  clearTimeout(timer);
}
