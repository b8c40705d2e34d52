import { open, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { PortError } from '../../activities/ports.js';

/** Part of a remote file, from an offset to its end. */
export interface RemotePart {
  chunks: AsyncIterable<Uint8Array>;
  /** Bytes of the whole file; null where the server does not say. */
  size: number | null;
  /** Changes when the file does; null where the server does not say. */
  version: string | null;
}

/** Opens a remote file at an offset, `version` being the one that must still stand there. */
export type RemoteReader = (input: { offset: number; version: string | null }) => Promise<RemotePart>;

const attemptsWithoutProgress = 4;
const pauseMilliseconds = 250;

/**
 * Copies a remote file. When it breaks off it goes on from the last byte, as long as the file is still the same one;
 * an end before the announced size counts as broken off.
 * @throws PortError `Unavailable` when it keeps breaking off, `InvalidInput` when it is too large or changed meanwhile.
 */
export async function copyResuming({
  uri,
  reader,
  path,
  maximumBytes,
  onProgress,
}: {
  uri: string;
  reader: RemoteReader;
  path: string;
  maximumBytes: number;
  onProgress: (bytes: number) => void;
}): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx');
  let offset = 0;
  let version: string | null = null;
  let size: number | null = null;
  let failures = 0;
  try {
    for (;;) {
      const before = offset;
      try {
        const part: RemotePart = await reader({ offset, version });
        size = part.size ?? size;
        version = part.version ?? version;
        checkSize({ uri, bytes: size ?? 0, maximumBytes });
        for await (const chunk of part.chunks) {
          checkSize({ uri, bytes: offset + chunk.byteLength, maximumBytes });
          await file.write(chunk);
          offset += chunk.byteLength;
          onProgress(offset);
        }
        if (size === null || offset === size) return;
        if (offset > size) throw changed({ uri, size, offset });
      } catch (error) {
        if (error instanceof PortError && !error.retryable) throw error;
        failures = offset > before ? 0 : failures + 1;
        if (failures >= attemptsWithoutProgress || (offset > 0 && version === null))
          throw brokenOff({ uri, offset, size, error });
        await wait(pauseMilliseconds * 2 ** failures);
        continue;
      }
      failures = offset > before ? 0 : failures + 1;
      if (failures >= attemptsWithoutProgress || version === null) throw brokenOff({ uri, offset, size, error: null });
    }
  } finally {
    await file.close();
  }
}

function checkSize({ uri, bytes, maximumBytes }: { uri: string; bytes: number; maximumBytes: number }): void {
  if (bytes <= maximumBytes) return;
  throw new PortError(
    'InvalidInput',
    `${uri}: ${bytes} bytes > ${maximumBytes}, the most that is copied; split the file`,
  );
}

const changed = ({ uri, size, offset }: { uri: string; size: number; offset: number }): PortError =>
  new PortError('InvalidInput', `${uri}: ${offset} bytes came, ${size} were announced; it changed while it was copied`);

function brokenOff({
  uri,
  offset,
  size,
  error,
}: {
  uri: string;
  offset: number;
  size: number | null;
  error: unknown;
}): PortError {
  const why = error instanceof Error ? ` (${error.message})` : '';
  if (offset === 0)
    return new PortError('Unavailable', `${uri} does not answer${why}; check the address, or try again`, null, {
      cause: error,
    });
  return new PortError(
    'Unavailable',
    `${uri} broke off after ${offset} of ${size ?? 'an unknown number of'} bytes${why}; nothing of it was used, try again`,
    null,
    { cause: error },
  );
}
