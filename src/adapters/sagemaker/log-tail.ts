import {
  type CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

const logGroupName = '/aws/sagemaker/TrainingJobs';
const lines = 20;

/** The last lines that an attempt wrote; a word about why there are none, as a failure is told with or without them. */
export async function logTail({ logs, name }: { logs: CloudWatchLogsClient; name: string }): Promise<string> {
  try {
    const where = { logGroupName, logStreamNamePrefix: `${name}/` };
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand(where));
    const logStreamName = logStreams?.[0]?.logStreamName;
    if (logStreamName === undefined) return 'it wrote no log';
    const query = { logGroupName, logStreamName, limit: lines, startFromHead: false };
    const { events } = await logs.send(new GetLogEventsCommand(query));
    return (events ?? []).map(({ message }) => message ?? '').join('\n') || 'its log is empty';
  } catch (error) {
    return `its log in ${logGroupName} can't be read (${error instanceof Error ? error.message : String(error)})`;
  }
}
