const firstBytes = 16_384;
/** A UTF-16 unit takes at most so many bytes as UTF-8. */
const bytesOfUnit = 3;

/**
 * Lines as bytes. As strings they would outlive the young generation by the second, and the heap of a busy gateway
 * would grow by what it has written until V8 sees fit to clear it away.
 */
export class LineBuffer {
  lines = 0;
  private length = 0;

  /** @param bytes memory that an earlier buffer has given back */
  constructor(private bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes)) {}

  get body(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Its memory, for another buffer; nobody may read `body` any more. */
  giveBack(): Buffer {
    return this.bytes;
  }

  /** Adds a line and returns how many bytes it took. */
  append(line: string): number {
    const before = this.length;
    this.reserve(line.length * bytesOfUnit + 1);
    this.length += this.bytes.write(line, this.length);
    this.bytes[this.length++] = 10;
    this.lines += 1;
    return this.length - before;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
