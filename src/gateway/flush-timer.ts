/** Lets what was asked for be written a while later, once however often it is asked. */
export class FlushTimer {
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly milliseconds: number,
    private readonly flush: () => Promise<void>,
  ) {}

  /** Sees to a flush within the time; nothing once it is stopped. */
  schedule(): void {
    if (this.timer || this.stopped) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.flush();
    }, this.milliseconds);
    // A process that has nothing else to do may end; it stops its writers first.
    this.timer.unref();
  }

  /** Flushes at once, a last time. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.flush();
  }
}
