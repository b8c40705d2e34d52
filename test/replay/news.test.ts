import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { expect } from 'chai';
import type { History } from '../../src/workers/replay-check.js';
import { historyFromFile, type HistoryFile } from './history-file.js';

const folder = fileURLToPath(new URL('histories/next', import.meta.url));
const { EventType } = proto.temporal.api.enums.v1;
type Event = NonNullable<History['events']>[number];

const nameOf = ({ eventType }: Event): string => EventType[eventType!].replace('EVENT_TYPE_', '');

/** What workflow code asks for, as the SDK's core counts it. */
const commands = new Set([
  ...['ACTIVITY_TASK_SCHEDULED', 'ACTIVITY_TASK_CANCEL_REQUESTED', 'TIMER_STARTED', 'TIMER_CANCELED'],
  ...['MARKER_RECORDED', 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', 'WORKFLOW_PROPERTIES_MODIFIED'],
  ...['START_CHILD_WORKFLOW_EXECUTION_INITIATED', 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED'],
  'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
  ...['ACCEPTED', 'REJECTED', 'COMPLETED'].map((answer) => `WORKFLOW_EXECUTION_UPDATE_${answer}`),
  ...['COMPLETED', 'FAILED', 'CANCELED', 'CONTINUED_AS_NEW'].map((end) => `WORKFLOW_EXECUTION_${end}`),
]);

/** What comes after messages where both are played together. */
const isNews = (event: Event): boolean =>
  /^(TIMER_FIRED|CHILD_|EXTERNAL_|ACTIVITY_TASK_(COMPLETED|FAILED|TIMED_OUT|CANCELED))/.test(nameOf(event));

/**
 * Whatever is told first, a resumption takes the chunks of a paused batch up in the order in which they stopped:
 * test/workflows/new-worker.test.ts plays it.
 */
const inAnyOrder = new Set(['batch-paused.json: ACTIVITY_TASK_CANCELED']);

/** News that a worker which is new to the workflow would play together with what comes next. */
function newsWithoutCommand({ file, history: { events } }: { file: string; history: History }): string[] {
  const names = events!.map(nameOf);
  const found: string[] = [];
  let since = 0;
  for (const [at, name] of names.entries()) {
    if (name !== 'WORKFLOW_TASK_STARTED') continue;
    const before = names.slice(since, at);
    const leavesNone = names[at + 1] === 'WORKFLOW_TASK_COMPLETED' && !commands.has(names[at + 2] ?? '');
    if (leavesNone && !before.some((one) => commands.has(one) || one === 'WORKFLOW_EXECUTION_STARTED'))
      found.push(
        ...events!
          .slice(since, at)
          .filter((one) => isNews(one) && !inAnyOrder.has(`${file}: ${nameOf(one)}`))
          .map((one) => `${String(one.eventId)} ${nameOf(one)}`),
      );
    since = at;
  }
  return found;
}

describe('news of a workflow', () => {
  it('leave a command wherever the task before left none', async () => {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
    expect(files).to.include('lifecycle-continued.json');
    for (const file of files) {
      const history = historyFromFile(JSON.parse(await readFile(join(folder, file), 'utf8')) as HistoryFile);
      expect(newsWithoutCommand({ file, history }), file).to.deep.equal([]);
    }
  });
});
