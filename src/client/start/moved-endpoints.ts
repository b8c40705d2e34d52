import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const addressList = z.array(z.string());
const rememberedSchema = z.object({ evaluation: addressList, live: addressList });

async function readRemembered(file: string): Promise<z.infer<typeof rememberedSchema>> {
  try {
    return rememberedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Nothing remembered yet, or a file somebody broke: what plans name may still be right.
    return { evaluation: [], live: [] };
  }
}

/**
 * Traffic plans and releases in flight name the endpoint that they began with. Remembers in `<home>/endpoints.json` each
 * address that this home's endpoints have had, and answers which of them has moved where: when a port had to step
 * aside, or the endpoint became another one, what was begun goes on at the new address.
 */
export async function rememberEndpoints({
  home,
  evaluation,
  live,
}: {
  home: string;
  /** Where evaluations ask now. */
  evaluation: string;
  /** Where the gateway asks now. */
  live: string;
}): Promise<Record<string, string>> {
  const file = join(home, 'endpoints.json');
  const remembered = await readRemembered(file);
  const now = {
    evaluation: [...new Set([...remembered.evaluation, evaluation])],
    live: [...new Set([...remembered.live, live])],
  };
  await writeFile(`${file}.new`, `${JSON.stringify(now, null, 2)}\n`);
  await rename(`${file}.new`, file);
  const inUse = [evaluation, live];
  const moved: Record<string, string> = {};
  for (const [addresses, to] of [
    [now.evaluation, evaluation],
    [now.live, live],
  ] as const)
    for (const one of addresses) if (!inUse.includes(one)) moved[one] = to;
  return moved;
}
