import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Adapters, databases and logs of the demonstration stay well under this. */
export const neededDiskBytes = 2 * 1024 ** 3;

/** The machine can't run this as it is; the message says how to mend it. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
}

const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`;

/**
 * Makes the home and its folders, and checks that it can be written and has room.
 * @throws CannotRunError naming the folder, what was found and what is needed.
 */
export async function prepareHome({
  home,
  neededBytes = neededDiskBytes,
}: {
  home: string;
  neededBytes?: number;
}): Promise<void> {
  try {
    for (const folder of [home, join(home, 'logs'), join(home, 'mlflow')]) await mkdir(folder, { recursive: true });
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CannotRunError(
      `home ${home} can't be read and written (${(error as Error).message}): mend its owner and rights, or name another folder with UNDERSTUDY_HOME`,
    );
  }
  const { bavail, bsize } = await statfs(home);
  if (bavail * bsize < neededBytes)
    throw new CannotRunError(
      `disk of ${home}: ${gigabytes(bavail * bsize)} free, ${gigabytes(neededBytes)} needed: free some, or name a folder on another disk with UNDERSTUDY_HOME`,
    );
}
