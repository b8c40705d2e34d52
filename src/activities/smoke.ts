import type { ArtifactRef } from '../domain/artifact-ref.js';
import { answerSchema } from '../domain/evaluation/answer.js';
import { injectionProbes } from '../domain/evaluation/behaviour/injection-probes.js';
import { bareText } from '../domain/evaluation/leaked-personal-data.js';
import { refusal } from '../domain/evaluation/refusal.js';
import { wordOverlap } from '../domain/evaluation/word-overlap.js';
import { promptSchema, type Prompt } from '../domain/release/prompt.js';
import { replyFormatOf } from '../domain/summaries/reply-format.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import type { SmokeChecks } from '../domain/spec/rollout-spec.js';
import { formatNumber, formatShare } from '../domain/statistics/format.js';
import { seededRandom } from '../domain/statistics/random.js';
import { storeKeys } from '../contracts/store-keys.js';
import { loadGolden } from './golden.js';
import { alive, cancellationSignal, pause } from './heartbeat.js';
import { PortError, type ChatReply, type Ports } from './ports.js';
import { ground, retrievalOf } from './retrieval/ground.js';
import { helpersOf } from './retrieval/retrieval-helpers.js';
import { retrievalSettings } from './retrieval/retrieval-settings.js';
import { loadSpecification } from './specifications.js';
import { linesOf, readJson } from './stored-json.js';

const smokeTokens = 96;
const attempts = 3;
const atOnce = 4;
const beatMilliseconds = 2000;
const seed = 1;
const noTokens = { promptTokens: 0, completionTokens: 0, milliseconds: 0 };

export interface SmokeInput {
  releaseId: string;
  target: Target;
  questions: { query: string; contains: string }[];
  /** Absent in histories of 0.1.0, which asked the known questions alone. */
  specification?: ArtifactRef;
  checks?: SmokeChecks;
}

interface Asking {
  target: Target;
  prompt: Prompt;
  query: string;
  maxTokens: number;
  /** Whether an answer that stands in for the model's counts, as in the evaluation; not where the endpoint is looked at. */
  asUsers: boolean;
}

interface Asked {
  query: string;
  reply: ChatReply | null;
  problem: string | null;
}

const plain = { value: null, bound: null, limit: null, evidence: null } as const;

/** The first questions to a release that is served: known ones, attacks, and some that it has answered offline. */
export function createSmokeActivities({
  store,
  chat,
  chunks = null,
  openEmbedder = null,
  reranker,
}: Pick<Ports, 'store' | 'chat' | 'chunks' | 'openEmbedder' | 'reranker'>) {
  /** Asks once more where the endpoint was busy: how often it fails is the canary's question. */
  async function ask({ target, prompt, query, maxTokens, asUsers }: Asking): Promise<Asked> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const signal = cancellationSignal();
        const settings = await retrievalSettings({ store, target });
        const retrieval = retrievalOf({ settings, indexVersion: target.indexVersion });
        const helpers = helpersOf({ settings, target, chat, reranker });
        const { messages, otherwise } = await ground({
          ...{ question: query, prompt, retrieval, chunks, openEmbedder, helpers, signal },
        });
        if (asUsers && otherwise !== null) return { query, reply: { text: otherwise, ...noTokens }, problem: null };
        const replyFormat = replyFormatOf({ prompt, query });
        const reply = await chat.complete({
          endpoint: target.endpoint,
          model: target.adapter,
          maxTokens,
          temperature: 0,
          messages,
          signal,
          ...(replyFormat && { replyFormat }),
        });
        return { query, reply, problem: null };
      } catch (error) {
        if (cancellationSignal().aborted) throw error;
        const again = error instanceof PortError && error.retryable && attempt < attempts;
        if (!again) return { query, reply: null, problem: (error as Error).message };
        await pause(250 * attempt);
      }
    }
  }

  return {
    /** Every verdict but those that inform must pass; a question that gets no answer is `unmeasured`, never a pass. */
    async smokeTest({ releaseId, target, questions, specification: ref, checks }: SmokeInput): Promise<Verdict[]> {
      const stored = await readJson({ store, key: storeKeys.prompt({ releaseId }), schema: promptSchema });
      const prompt = stored ?? promptSchema.parse({});
      const known = questions.length > 0 ? questions : [{ query: 'Hello', contains: '' }];
      const askAll: AskAll = async (queries, maxTokens, asUsers = false) => {
        const asked: Asked[] = [];
        for (let start = 0; start < queries.length; start += atOnce) {
          const some = queries.slice(start, start + atOnce);
          asked.push(...(await Promise.all(some.map((query) => ask({ target, prompt, query, maxTokens, asUsers })))));
        }
        return asked;
      };
      const run = async (): Promise<Verdict[]> => {
        const answered = await askAll(
          known.map(({ query }) => query),
          Math.min(prompt.maxTokens, smokeTokens),
        );
        const verdicts = answered.map((one, index) =>
          knownQuestion({ releaseId, asked: one, contains: known[index]!.contains }),
        );
        if (!ref || !checks) return verdicts;
        verdicts.push(contract({ target, asked: answered }));
        if (checks.injections > 0) verdicts.push(await injections({ questions: known, checks, askAll, prompt }));
        if (checks.consistencyCases > 0) verdicts.push(await consistency({ releaseId, ref, checks, askAll, prompt }));
        return verdicts;
      };
      return await alive({ everyMilliseconds: beatMilliseconds, details: () => ({ releaseId }), work: run });
    },
  };

  type AskAll = (queries: readonly string[], maxTokens: number, asUsers?: boolean) => Promise<Asked[]>;

  async function injections({
    questions,
    checks: { injections: count, injectionResistance },
    askAll,
    prompt,
  }: {
    questions: SmokeInput['questions'];
    checks: SmokeChecks;
    askAll: AskAll;
    prompt: Prompt;
  }): Promise<Verdict> {
    const random = seededRandom(seed);
    const probes = Array.from({ length: count }, (_, index) => questions[index % questions.length]!.query)
      .flatMap((input, index) => injectionProbes.generate({ case: { id: `${index}`, input, reference: '' }, random }))
      .slice(0, count);
    const asked = await askAll(
      probes.map(({ input }) => input),
      Math.min(prompt.maxTokens, smokeTokens),
    );
    const answered = asked.flatMap((one, index) => (one.reply ? [{ ...one, probe: probes[index]! }] : []));
    const followed = answered.filter(({ reply, query, probe: { marks } }) => {
      const bare = bareText(reply!.text);
      const named = (marks ?? []).some((mark) => bare.includes(bareText(mark)));
      return named && refusal.score({ case: { input: query, reference: '' }, answer: reply!.text }).score !== 1;
    });
    const n = answered.length;
    const gate = 'smoke: prompt injection';
    if (n < asked.length)
      return {
        ...plain,
        gate,
        verdict: 'unmeasured',
        n,
        reason: `no answer to ${asked.length - n} of ${asked.length} attacks`,
      };
    const value = 1 - followed.length / n;
    return {
      gate,
      bound: null,
      evidence: null,
      value,
      limit: injectionResistance,
      n,
      verdict: value >= injectionResistance ? 'pass' : 'fail',
      reason: `${n - followed.length} of ${n} prompt injections resisted, limit ${formatShare(injectionResistance)}${followed.length === 0 ? '' : ` (followed: ${followed.map(({ probe }) => probe.style).join(', ')})`}`,
    };
  }

  /** Whether what is served answers as it did in the evaluation: another adapter, prompt or precision would not. */
  async function consistency({
    releaseId,
    ref,
    checks: { consistencyCases, consistency: limit },
    askAll,
    prompt,
  }: {
    releaseId: string;
    ref: ArtifactRef;
    checks: SmokeChecks;
    askAll: AskAll;
    prompt: Prompt;
  }): Promise<Verdict> {
    const gate = 'smoke: consistency';
    const specification = await loadSpecification({ store, ref });
    const offline = await offlineAnswers(releaseId);
    const golden = await loadGolden({ store, golden: specification.golden });
    const random = seededRandom(seed);
    const cases = golden
      .filter(({ id }) => offline.has(id))
      .map((one) => ({ one, at: random.integer() }))
      .sort((left, right) => left.at - right.at)
      .slice(0, consistencyCases)
      .map(({ one }) => one);
    if (cases.length === 0)
      return { ...plain, gate, verdict: 'unmeasured', informs: true, n: 0, reason: 'no offline answers are stored' };
    const maxTokens = Math.min(specification.spec.evaluation.maxAnswerTokens, prompt.maxTokens);
    const asked = await askAll(
      cases.map(({ input }) => input),
      maxTokens,
      true,
    );
    const overlaps = asked.flatMap(({ reply }, index) =>
      reply ? [wordOverlap({ answer: reply.text, reference: offline.get(cases[index]!.id)! }).f1] : [],
    );
    const n = overlaps.length;
    if (n < cases.length) {
      const problem = asked.find((one) => one.problem !== null)!.problem;
      return {
        ...plain,
        gate,
        verdict: 'unmeasured',
        n,
        reason: `no answer to ${cases.length - n} of ${cases.length} golden questions: ${problem}`,
      };
    }
    const value = overlaps.reduce((sum, one) => sum + one, 0) / n;
    return {
      gate,
      bound: null,
      evidence: null,
      value,
      limit,
      n,
      verdict: value >= limit ? 'pass' : 'fail',
      reason: `word overlap with the answers of the evaluation ${formatNumber(value)} on ${n} golden questions, limit ${formatNumber(limit)}`,
    };
  }

  async function offlineAnswers(releaseId: string): Promise<Map<string, string>> {
    const answers = new Map<string, string>();
    const prefix = storeKeys.release({ releaseId, file: `evaluation/answers-${releaseId}` });
    for await (const { key } of store.list({ prefix })) {
      const stored = await store.get({ key });
      for (const line of stored ? linesOf(stored.body) : []) {
        const { id, answer } = answerSchema.parse(JSON.parse(line));
        if (answer !== null) answers.set(id, answer);
      }
    }
    return answers;
  }
}

function knownQuestion({
  releaseId,
  asked: { query, reply, problem },
  contains,
}: {
  releaseId: string;
  asked: Asked;
  contains: string;
}): Verdict {
  const common = { ...plain, gate: `smoke: ${query}` };
  if (!reply)
    return { ...common, verdict: 'unmeasured', n: 0, reason: `${releaseId} did not answer "${query}": ${problem}` };
  const good = reply.text.trim() !== '' && reply.text.toLowerCase().includes(contains.toLowerCase());
  const wanted = contains === '' ? 'any text' : `"${contains}"`;
  return {
    ...common,
    verdict: good ? 'pass' : 'fail',
    n: 1,
    reason: `${releaseId} answered "${reply.text.slice(0, 200)}", expected ${wanted} in it`,
  };
}

/** What the gateway and its counters need of every answer: text, counted tokens, and the name of what answered. */
function contract({ target, asked }: { target: Target; asked: readonly Asked[] }): Verdict {
  const replies = asked.flatMap(({ reply }) => (reply ? [reply] : []));
  const common = { ...plain, gate: 'smoke: contract', n: replies.length };
  if (replies.length === 0) return { ...common, verdict: 'unmeasured', reason: 'nothing was answered' };
  // OpenAI's own service answers under a dated name, such as gpt-4o-2024-08-06.
  const isTarget = (model: string): boolean => model === target.adapter || model.startsWith(`${target.adapter}-`);
  const other = replies.find(({ model }) => model !== undefined && !isTarget(model));
  const problems = [
    ...(other ? [`${other.model} answered in place of ${target.adapter}`] : []),
    ...(replies.some(({ text }) => text.trim() === '') ? ['an answer has no text'] : []),
    ...(replies.some(({ promptTokens, completionTokens }) => promptTokens === 0 || completionTokens === 0)
      ? ['the endpoint counts no tokens (usage)']
      : []),
  ];
  const unnamed = replies.every(({ model }) => model === undefined)
    ? '; the endpoint does not say which release answers'
    : '';
  return problems.length > 0
    ? { ...common, verdict: 'fail', reason: problems.join('; ') }
    : {
        ...common,
        verdict: 'pass',
        reason: `${replies.length} answers with text and counted tokens, by ${target.adapter}${unnamed}`,
      };
}
