import { inspect } from 'node:util';

const hidden = '(secret)';

/** A value that no log, error or JSON may show; only `reveal()` gives it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself, for the one call that sends it. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return hidden;
  }
  toJSON(): string {
    return hidden;
  }
  [inspect.custom](): string {
    return hidden;
  }
}
