import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { EncryptingCodec } from '../../adapters/payload-codec/encrypting-codec.js';
import { keyHolders, rewriteSchedule, type KeyHolder } from '../../adapters/temporal/payload-key-holders.js';
import { clientOptions, type TemporalPlace } from '../../adapters/temporal/temporal-place.js';
import type { PayloadKey } from '../../config/payload-keys.js';
import { lifecycleMessages } from '../../contracts/lifecycle.js';
import { withTemporal } from '../start/temporal-health.js';
import { errorMessage } from './command-context.js';
import type { Check } from './doctor-checks.js';

/** Reading the histories of hundreds of models takes its time. */
const patienceMilliseconds = 300_000;
/** For lifecycles to begin their new histories. */
const moveMilliseconds = 20_000;
const shownHolders = 5;

const name = 'older payload keys';

async function holdersOfOthers({ temporal, writing }: { temporal: Client; writing: string }): Promise<KeyHolder[]> {
  const holders: KeyHolder[] = [];
  for await (const holder of keyHolders({ temporal })) {
    const keys = holder.keys.filter((key) => key !== writing);
    if (keys.length > 0) holders.push({ ...holder, keys });
  }
  return holders;
}

/** What can be read here, and does not end by itself soon. */
const isMovable = ({ holder, keys }: { holder: KeyHolder; keys: readonly PayloadKey[] }): boolean =>
  (holder.kind === 'schedule' || holder.workflowType === 'modelLifecycle') &&
  holder.keys.every((one) => keys.some(({ id }) => id === one));

/** Has every lifecycle begin a new history, and writes every Schedule anew. */
async function move({
  temporal,
  holders,
  keys,
}: {
  temporal: Client;
  holders: readonly KeyHolder[];
  keys: readonly PayloadKey[];
}): Promise<void> {
  const codec = new EncryptingCodec({ keys });
  for (const { kind, id } of holders)
    if (kind === 'schedule') await rewriteSchedule({ temporal, scheduleId: id, codec });
    else await temporal.workflow.getHandle(id).signal(lifecycleMessages.renew);
}

function described(holders: readonly KeyHolder[]): string {
  const ids = [...new Set(holders.flatMap((one) => one.keys))].sort();
  const lines = ids.map((key) => {
    const names = holders
      .filter((one) => one.keys.includes(key))
      .map(({ kind, id }) => (kind === 'schedule' ? `Schedule ${id}` : id));
    const more = names.length > shownHolders ? [`${names.length - shownHolders} more`] : [];
    return `${key} is needed by ${[...names.slice(0, shownHolders), ...more].join(', ')}`;
  });
  return lines.join('\n');
}

/**
 * Whether an older payload key can be dropped: none that is still needed by what runs, or by what a Schedule will start.
 * A lifecycle runs for years, so `fix` has each begin a new history, and writes Schedules anew; releases end by
 * themselves. A key that is needed and not there is a failure, one that has to stay a warning.
 */
export async function olderKeysCheck({
  place,
  keys,
  fix,
}: {
  place: TemporalPlace;
  keys: readonly PayloadKey[];
  fix: boolean;
}): Promise<Check> {
  const writing = keys[0]!.id;
  const known = keys.map(({ id }) => id);
  const find = (): Promise<KeyHolder[]> =>
    withTemporal(place, (connection) =>
      connection.withDeadline(Date.now() + patienceMilliseconds, async () => {
        const temporal = new Client({ connection, ...clientOptions(place) });
        let holders = await holdersOfOthers({ temporal, writing });
        const movable = () => holders.filter((holder) => isMovable({ holder, keys }));
        if (!fix || movable().length === 0) return holders;
        await move({ temporal, holders: movable(), keys });
        const until = Date.now() + moveMilliseconds;
        do {
          await pause(1000);
          holders = await holdersOfOthers({ temporal, writing });
        } while (movable().length > 0 && Date.now() < until);
        return holders;
      }),
    );
  let holders: KeyHolder[];
  try {
    holders = await find();
  } catch (error) {
    const mend = 'Run it with the right to list workflows and Schedules and to read histories.';
    return { name, state: 'warning', found: errorMessage(error), mend };
  }
  if (holders.length === 0) return { name, state: 'ok', found: `none is needed besides ${writing}`, mend: '' };
  const missing = [...new Set(holders.flatMap((one) => one.keys))].filter((key) => !known.includes(key)).sort();
  return missing.length > 0
    ? {
        ...{ name, state: 'failed', found: described(holders) },
        mend: `Add ${missing.join(', ')} to UNDERSTUDY_PAYLOAD_KEYS again, behind the first, for workers and commands: what needs it stands still.`,
      }
    : {
        ...{ name, state: 'warning', found: described(holders) },
        mend: `Keep it behind ${writing} until nothing needs it. "understudy doctor --fix" moves lifecycles and Schedules; a release moves by its end.`,
      };
}
