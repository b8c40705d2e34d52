/** The event that ends a stream of OpenAI's, from its line's begin on. */
const lastEvent = /^data: ?\[DONE\]/m;

/** Passes whole server-sent events on and keeps the one that ends the stream back, so that others can go before it. */
export class SseTail {
  private held = Buffer.alloc(0);

  /** What may go out now. */
  push(chunk: Uint8Array): Buffer {
    const all = Buffer.concat([this.held, chunk]);
    // One character a byte: places in the text are places in the bytes.
    const text = all.toString('latin1');
    const last = lastEvent.exec(text);
    const end = last ? last.index : Math.max(...['\n\n', '\n\r\n'].map((blank) => endOfLast({ text, blank })));
    this.held = all.subarray(end);
    return all.subarray(0, end);
  }

  /** What was kept back. */
  rest(): Buffer {
    return this.held;
  }
}

function endOfLast({ text, blank }: { text: string; blank: string }): number {
  const at = text.lastIndexOf(blank);
  return at === -1 ? 0 : at + blank.length;
}
