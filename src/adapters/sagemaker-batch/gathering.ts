/** How long questions are gathered before a job is started for them. */
export interface GatheringTimes {
  /** No other has come for so long. */
  quietMilliseconds: number;
  /** The first has waited for so long. */
  longestMilliseconds: number;
}

/** Gathers what comes one by one, by a name, until no more comes for a while; then gives it on together. */
export class Gathering<Item> {
  readonly #times: GatheringTimes;
  readonly #most: number;
  readonly #together: (name: string, items: Item[]) => void;
  readonly #waiting = new Map<string, { items: Item[]; quiet: NodeJS.Timeout; longest: NodeJS.Timeout }>();

  constructor({
    most,
    together,
    ...times
  }: GatheringTimes & { most: number; together: (name: string, items: Item[]) => void }) {
    this.#times = times;
    this.#most = most;
    this.#together = together;
  }

  add(name: string, item: Item): void {
    const end = (): void => this.#end(name);
    const { quietMilliseconds, longestMilliseconds } = this.#times;
    const gathered = this.#waiting.get(name) ?? {
      items: [],
      quiet: setTimeout(end, quietMilliseconds),
      longest: setTimeout(end, longestMilliseconds),
    };
    this.#waiting.set(name, gathered);
    gathered.items.push(item);
    gathered.quiet.refresh();
    if (gathered.items.length >= this.#most) end();
  }

  #end(name: string): void {
    const gathered = this.#waiting.get(name);
    if (gathered === undefined) return;
    this.#waiting.delete(name);
    clearTimeout(gathered.quiet);
    clearTimeout(gathered.longest);
    this.#together(name, gathered.items);
  }
}
