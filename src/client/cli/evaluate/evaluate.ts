import { Option, type Command } from 'commander';
import { CannotRun, verb, type CommandContext, type Result } from '../command-context.js';
import { asResult, storeOf } from '../data/dataset-context.js';
import type { OpenEmbedder } from '../../../activities/embedder-port.js';
import type { Settings } from '../../../config/settings.js';
import { numberBetween } from '../number-option.js';
import type { RetrievalPorts } from './ask-endpoint.js';
import { evaluationResult, formats, type Format } from './evaluation-result.js';
import { evaluationSpecification } from './evaluation-specification.js';
import { addRecompute } from './recompute.js';
import { addShow } from './show.js';

interface EvaluateOptions {
  spec?: string;
  overlay: string[];
  candidate?: string;
  against?: string;
  golden?: string;
  revision?: string;
  concurrency: number;
  format: Format;
  out?: string;
}

const secondMilliseconds = 1000;
const mostAtOnce = 512;

/** Says at most one line a second. */
function throttled(say: (line: string) => void): (line: string) => void {
  let saidAt = performance.now();
  return (line) => {
    if (performance.now() - saidAt < secondMilliseconds) return;
    saidAt = performance.now();
    say(line);
  };
}

/** The key of OPENAI_API_KEY goes where OPENAI_BASE_URL is; where none is named, to whatever endpoint is. */
const mayHaveKey = ({ endpoint, baseUrl }: { endpoint: string; baseUrl: string | null }): boolean =>
  baseUrl === null || new URL(endpoint).origin === new URL(baseUrl).origin;

/** What finds facts on this machine, as workers have it. */
async function retrievalPortsOf({
  settings,
  openEmbedder,
}: {
  settings: Settings;
  openEmbedder: OpenEmbedder | null;
}): Promise<RetrievalPorts> {
  const { chunkStore } = await import('../../../adapters/chunk-store.js');
  const { RerankEndpoint } = await import('../../../adapters/rerank-endpoint/rerank-endpoint.js');
  const reranker = new RerankEndpoint({ apiKey: settings.rerankApiKey?.reveal() ?? null });
  return { chunks: await chunkStore(settings), openEmbedder, reranker };
}

async function evaluate(context: CommandContext, options: EvaluateOptions): Promise<Result> {
  const { spec, candidate, against, golden, revision = null, format, out } = options;
  if (spec === undefined || candidate === undefined)
    throw new CannotRun('evaluate needs --spec <file> and --candidate <endpoint, release or file of answers>');
  const settings = context.settings();
  const store = storeOf(context);
  // Scorers, detectors and clients take a second to load, which no other verb should wait for.
  const { armOf } = await import('./arm.js');
  const { interruptible } = await import('./interrupt.js');
  const { loadEvaluation } = await import('./load-evaluation.js');
  const { runEvaluation } = await import('./run-evaluation.js');
  const { routedChat } = await import('../../../adapters/bedrock/routed-chat.js');
  const { OpenAiChat } = await import('../../../adapters/openai-chat/openai-chat.js');
  const { sayRefusedFormat, withPlainAnswers } = await import('../../../adapters/openai-chat/with-plain-answers.js');
  const { openEmbedder: embedderBy } = await import('../../../adapters/open-embedder.js');
  const { openAiJudge } = await import('../../../adapters/openai-judge/openai-judge.js');
  const { baseUrl, apiKey } = settings.endpoint;
  const apiKeyOf = (endpoint: string): string | null =>
    mayHaveKey({ endpoint, baseUrl }) ? (apiKey?.reveal() ?? null) : null;
  const specification = await evaluationSpecification({ store, spec, overlays: options.overlay, golden });
  specification.warnings.forEach((warning) => context.say(`warning: ${warning}`));
  const { model } = specification.value.spec;
  const common = { model, store, apiKeyOf };
  const arms = {
    candidate: await armOf({ ...common, option: '--candidate', given: candidate, revision }),
    against:
      against === undefined ? null : await armOf({ ...common, option: '--against', given: against, revision: null }),
  };
  const judge =
    settings.judge && specification.value.spec.evaluation.judge !== null
      ? await openAiJudge({ settings: settings.judge, store: settings.store })
      : null;
  const openEmbedder = embedderBy(settings.embedder);
  const mayRetrieve =
    specification.value.spec.retrieval !== null ||
    [arms.candidate, arms.against].some((arm) => arm?.kind === 'release');
  const retrievalPorts = mayRetrieve ? await retrievalPortsOf({ settings, openEmbedder }) : {};
  try {
    const { evaluation } = await interruptible((interrupt) =>
      runEvaluation({
        ...{
          store,
          specification,
          ...arms,
          judge,
          openEmbedder,
          retrievalPorts,
          concurrency: options.concurrency,
          interrupt,
        },
        chatOf: (endpoint) =>
          withPlainAnswers({
            chat: routedChat({ chat: new OpenAiChat({ apiKey: apiKeyOf(endpoint) }), region: settings.bedrockRegion }),
            onRefused: sayRefusedFormat,
          }),
        say: context.say,
        progress: throttled(context.say),
      }),
    );
    return await evaluationResult({ view: await loadEvaluation({ store, id: evaluation }), format, out });
  } finally {
    await judge?.close();
  }
}

/** `evaluate`: the evaluation of a release on files and endpoints, without Temporal. */
export function addEvaluate(program: Command, context: CommandContext): void {
  const command = program
    .command('evaluate')
    .description('hold a candidate against limits and another, on a golden set; exit 1 unless every gate passes')
    .option('--spec <file>', 'the spec file')
    .option('--overlay <file...>', 'files laid over it, in order', [])
    .option('--candidate <arm>', 'http://host/v1#model, a release, or a file of answers {id, answer}')
    .option('--against <arm>', 'champion, or as --candidate; without, nothing is compared')
    .option('--golden <file>', 'cases in the place of data.goldenSet')
    .option('--revision <text>', "what the candidate's endpoint serves now; another revision is asked anew")
    .option('--concurrency <number>', 'calls of an endpoint at once', numberBetween(1, mostAtOnce), 8)
    .addOption(new Option('--format <name>', 'of what is printed').choices(formats).default('text'))
    .option('--out <file>', 'where it is written, instead of standard output');
  verb<EvaluateOptions>({
    command,
    context,
    run: ({ options }) => asResult(context, () => evaluate(context, options)),
  });
  addShow(command, context);
  addRecompute(command, context);
}
