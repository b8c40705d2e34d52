import { PortError } from '../activities/ports.js';

/**
 * Looks again and again and mends what it finds; what goes wrong is told once until it changes. `mend` returns what it
 * could not mend. Returns what ends it.
 */
export function repeat({
  what,
  mend,
  pauseMilliseconds,
}: {
  what: string;
  mend: () => Promise<string[]>;
  pauseMilliseconds: number;
}): () => void {
  let told = '';
  let ended = false;
  const look = async (): Promise<void> => {
    const now = await mend().then(
      (troubles) => troubles.join('; '),
      (error: unknown) => (error instanceof PortError ? error.message : String(error)),
    );
    if (now !== told && now !== '') process.stderr.write(`${what}: ${now}\n`);
    told = now;
    if (!ended) setTimeout(() => void look(), pauseMilliseconds).unref();
  };
  void look();
  return () => {
    ended = true;
  };
}
