import getPort, { clearLockedPorts, portNumbers } from 'get-port';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Where each server listens by custom; a taken port is stepped over. */
export const customaryPorts = {
  temporal: 7233,
  temporalUi: 8233,
  mlflow: 5000,
  gateway: 8080,
  vllm: 8000,
  live: 8100,
} as const;
export type PortName = keyof typeof customaryPorts;
export type Ports = Record<PortName, number>;

const remembered = z.partialRecord(z.enum(Object.keys(customaryPorts) as [PortName, ...PortName[]]), z.int());

async function readRemembered(file: string): Promise<Partial<Ports>> {
  try {
    const parsed = remembered.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : {};
  } catch {
    // Nothing remembered yet, or a file somebody broke: customary ports do as well.
    return {};
  }
}

/** The ports of the last run, customary ones where there was none. */
export const rememberedPorts = async ({ home }: { home: string }): Promise<Ports> => ({
  ...customaryPorts,
  ...(await readRemembered(join(home, 'ports.json'))),
});

/**
 * Chooses a free port for every server: the one of the last run, else the customary one, else the next free one above.
 * The choice is remembered in `<home>/ports.json`, so that addresses in traffic plans and bookmarks stay right.
 * `moved` names those that had to leave the port of the last run.
 */
export async function choosePorts({ home }: { home: string }): Promise<{ ports: Ports; moved: PortName[] }> {
  const file = join(home, 'ports.json');
  const before = await readRemembered(file);
  // The library keeps what it gave out away from the same process for a while; ours is handed to another one.
  clearLockedPorts();
  const chosen: Partial<Ports> = {};
  for (const [name, custom] of Object.entries(customaryPorts) as [PortName, number][]) {
    const wanted = [before[name] ?? custom, ...portNumbers(custom, custom + 99)];
    chosen[name] = await getPort({ port: wanted, host: '127.0.0.1', exclude: Object.values(chosen) });
  }
  const ports = chosen as Ports;
  await writeFile(file, `${JSON.stringify(ports, null, 2)}\n`);
  const moved = (Object.keys(ports) as PortName[]).filter((name) => (before[name] ?? ports[name]) !== ports[name]);
  return { ports, moved };
}
