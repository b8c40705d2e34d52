import Table from 'cli-table3';
import { InvalidArgumentError, type Command } from 'commander';
import { guardAlphas } from '../../domain/rollout/guards.js';
import { planGuard, type GuardWait } from '../../domain/rollout/guard-plan.js';
import { rolloutSpecSchema, type GuardSpec, type RolloutSpec } from '../../domain/spec/rollout-spec.js';
import { formatShare } from '../../domain/statistics/format.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { numberBetween } from './number-option.js';
import { checkSpecFiles } from './spec-document.js';

type ByEvent = Record<string, number>;

interface PlanOptions {
  spec?: string;
  keysAnHour: number;
  rate: ByEvent;
  harm: ByEvent;
}

const percentage = /^(\d+(?:\.\d+)?)%$/;

/** Reads `event=number` or `event=5%`, once or more. */
const byEvent = (text: string, before: ByEvent): ByEvent => {
  const [event, value = ''] = text.split('=');
  const percent = percentage.exec(value);
  const number = percent ? Number(percent[1]) / 100 : Number(value);
  if (event && value.trim() !== '' && number >= 0) return { ...before, [event]: number };
  throw new InvalidArgumentError(`"${text}": expected an event and a number, such as conversion=5%`);
};

async function rolloutOf(spec: string | undefined): Promise<RolloutSpec> {
  if (spec === undefined) return rolloutSpecSchema.parse({});
  const { spec: read, problems } = await checkSpecFiles({ files: [spec] });
  if (read === null) throw new CannotRun(`${spec} has ${problems.length} problems; see understudy validate ${spec}`);
  return read.rollout;
}

/** The harm that is asked about where a person names none: three times as many, or a tenth fewer. */
const usualHarm = ({ direction }: GuardSpec): number => (direction === 'higher' ? 3 : 0.9);

/** @throws CannotRun for a rate or a harm of an event that no guard watches, or where there is no rate at all. */
function checkEvents({ rollout, rate, harm }: { rollout: RolloutSpec } & Pick<PlanOptions, 'rate' | 'harm'>): void {
  const watched = rollout.canary.guards.map(({ event }) => event);
  const unknown = [...Object.keys(rate), ...Object.keys(harm)].filter((event) => !watched.includes(event));
  if (unknown.length > 0)
    throw new CannotRun(`no guard watches ${unknown.join(', ')}; expected some of ${watched.join(', ')}`);
  if (Object.keys(rate).length === 0)
    throw new CannotRun(`no rates; name at least one, such as --rate ${watched[0]}=1%`);
}

const rounded = (value: number | null): string => (value === null ? 'never' : Math.round(value).toLocaleString('en'));

function planText(waits: readonly GuardWait[]): string {
  const anyShown = waits.some(({ shown }) => shown !== null);
  const head = [
    'guard',
    'harm looked for',
    'share',
    'keys in all',
    'on the challenger',
    'hours',
    'keys an arm, one look at halves',
    ...(anyShown ? ['hours until an equal one is shown within the margin'] : []),
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { event, ratio, share, keys, challengerKeys, hours, fixedKeysAnArm, shown } of waits)
    table.push([
      ...[event, `${ratio} times`, formatShare(share), rounded(keys), rounded(challengerKeys)],
      ...[hours === null ? 'never' : hours.toFixed(1), rounded(fixedKeysAnArm)],
      ...(anyShown ? [shown === null ? '-' : shown.hours.toFixed(1)] : []),
    ]);
  return `${table.toString()}\nmeans; "never" is harm within the guard's margin, which it tolerates`;
}

/** `plan canary`: how long each guard takes to see a harm, at this traffic, before anything is rolled out. */
export const addPlanCanary = (parent: Command, context: CommandContext): Command =>
  verb<PlanOptions>({
    command: parent
      .command('canary')
      .description('say how long each guard of a spec takes to see a harm, at this traffic')
      .option('--spec <file>', 'guards and steps of this spec; the defaults without it')
      .requiredOption(
        '--keys-an-hour <number>',
        'users (sticky keys) that are new in an hour',
        numberBetween(0.001, 1e12),
      )
      .option('--rate <event=share>', "how many of the champion's users have the event, such as error=1%", byEvent, {})
      .option('--harm <event=ratio>', 'to be found: 3 is three times as many, 0.9 a tenth fewer', byEvent, {}),
    context,
    run: async ({ options: { spec, keysAnHour, rate, harm } }) => {
      const rollout = await rolloutOf(spec);
      checkEvents({ rollout, rate, harm });
      const { guards, alpha, steps } = rollout.canary;
      const alphas = guardAlphas({ guards, alpha });
      const waits = guards.flatMap((guard, index) => {
        const known = rate[guard.event];
        if (known === undefined) return [];
        const ratio = harm[guard.event] ?? usualHarm(guard);
        return steps.map(({ share }) =>
          planGuard({ guard, alpha: alphas[index]!, rate: known, ratio, share, keysAnHour }),
        );
      });
      return { code: 0, data: { keysAnHour, alpha, guards: waits }, text: planText(waits) };
    },
  });
