import { arch, cpus, platform, release, totalmem } from 'node:os';

export interface Measured {
  bench: string;
  metric: string;
  value: number;
  unit: string;
  /** What the value is held against; null where it only informs. */
  target: string | null;
  ok: boolean | null;
  /** Lowest and highest of the repetitions, and their number. */
  spread?: { low: number; high: number; repetitions: number };
  note?: string;
  /** What did the same work on the same rows in the same run, its value, and ours over it. */
  peer?: string;
  peerValue?: number;
  ratio?: number;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** The lowest and the highest of repeated measurements. */
export const spreadOf = (values: number[]): NonNullable<Measured['spread']> => ({
  low: rounded(Math.min(...values)),
  high: rounded(Math.max(...values)),
  repetitions: values.length,
});

/** One JSON line on stdout; a missed target makes the process end with 1. */
export function report(measured: Measured): void {
  const { value, peerValue, ratio } = measured;
  const numbers = {
    value: rounded(value),
    ...(peerValue === undefined ? {} : { peerValue: rounded(peerValue) }),
    ...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
  };
  process.stdout.write(`${JSON.stringify({ ...measured, ...numbers })}\n`);
  if (measured.ok === false) process.exitCode = 1;
}

/** The machine that all lines of this run hold for. */
export function reportMachine({ bench }: { bench: string }): void {
  const [first, ...others] = cpus();
  const machine = {
    cpu: first?.model ?? 'unknown',
    cores: others.length + 1,
    memoryGiB: rounded(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
  };
  process.stdout.write(`${JSON.stringify({ bench, machine })}\n`);
}
