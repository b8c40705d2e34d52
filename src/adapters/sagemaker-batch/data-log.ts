import {
  type CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

const logGroupName = '/aws/sagemaker/TransformJobs';
/** A page is 10,000 lines or a megabyte. */
const mostPages = 20;
const mostCharacters = 500;

/** What the model's server said of a line, so that SageMaker kept no answer of its whole file. */
export interface Spoilt {
  /** The server's status; null where it gave none. */
  status: number | null;
  reason: string;
}

const aboutFile = /\[sagemaker logs\]: (\S+): ?(.*)$/;
const verdict =
  /^(?:ClientError|ServerError|Bad HTTP status received from algorithm|Bad HTTP status returned from invoke): (\d{3})/;

/**
 * What SageMaker's own agent wrote of each file into `<job>/<instance>/data-log`, by the file's name: a status, the word
 * `Message:` and what the server said. Null where the log can't be read.
 */
export async function readDataLog({
  logs,
  job,
}: {
  logs: CloudWatchLogsClient;
  job: string;
}): Promise<ReadonlyMap<string, Spoilt> | null> {
  try {
    const lines: string[] = [];
    const { logStreams } = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix: `${job}/` }),
    );
    for (const { logStreamName } of logStreams ?? [])
      if (logStreamName?.endsWith('/data-log')) lines.push(...(await linesOf({ logs, logStreamName })));
    return spoiltIn(lines);
  } catch {
    return null;
  }
}

async function linesOf({ logs, logStreamName }: { logs: CloudWatchLogsClient; logStreamName: string }) {
  const lines: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { logGroupName, logStreamName, startFromHead: true, ...(nextToken && { nextToken }) };
    const { events, nextForwardToken } = await logs.send(new GetLogEventsCommand(query));
    lines.push(...(events ?? []).map(({ message }) => message ?? ''));
    // The end is where the token stays the same.
    if (nextForwardToken === undefined || nextForwardToken === nextToken) break;
    nextToken = nextForwardToken;
  }
  return lines;
}

/** By file: the first status that was written of it, and what follows. */
export function spoiltIn(lines: readonly string[]): ReadonlyMap<string, Spoilt> {
  const found = new Map<string, Spoilt>();
  for (const line of lines) {
    const [, object, text = ''] = aboutFile.exec(line.trimEnd()) ?? [];
    if (object === undefined) continue;
    const file = object.slice(object.lastIndexOf('/') + 1);
    const before = found.get(file);
    const said = verdict.exec(text)?.[1];
    const status = said === undefined ? null : Number(said);
    if (before === undefined) {
      found.set(file, { status, reason: text });
      continue;
    }
    before.status ??= status;
    if (text !== '' && text !== 'Message:' && before.reason.length < mostCharacters)
      before.reason = `${before.reason}: ${text}`.slice(0, mostCharacters);
  }
  return found;
}
