import { approvalSchema, isOfLostRelease, totalCostUsd, type ReleaseRecord } from '../release/release-record.js';
import type { Verdict } from '../release/verdict.js';
import {
  formatCount,
  formatNumber,
  formatSeconds,
  formatShare,
  formatTime,
  formatUsd,
  shortDigest,
} from '../report/format.js';
import { outcomeView, outcomeWord } from '../report/verdict-sentence.js';
import type { JudgedLook } from '../rollout/looks.js';
import { evidenceSection } from './evidence-over-time.js';

/** One entry of the audit log, with its place in it. */
export interface LoggedEntry {
  sequence: number;
  at: string;
  kind: string;
  actor: string;
  reason: string;
  evidenceDigest: string | null;
  details: Readonly<Record<string, unknown>>;
}

/** A decision that was made again from what was stored. */
export interface RepeatedDecision {
  part: string;
  verdict: string;
  from: string;
  differences: readonly { what: string; recorded: string; recomputed: string }[];
}

export interface StoryInput {
  releaseId: string;
  /** Null while the release runs. */
  record: ReleaseRecord | null;
  /** Gates that the evaluation judged, by name; the others were judged while it was rolled out. */
  evaluationGates: readonly string[];
  /** Of this release, in the log's order. */
  entries: readonly LoggedEntry[];
  looks: readonly JudgedLook[];
  /** Null where nobody asked for it. */
  repeated: readonly RepeatedDecision[] | null;
  /** Whether the whole log of the model is unbroken, and what is wrong where it is not. */
  log: { ok: boolean; entries: number; problems: readonly string[] };
}

/** A part of the story: sentences, then figures. */
export interface StorySection {
  title: string;
  lines: string[];
  table?: { head: string[]; rows: string[][] };
}

export interface Story {
  title: string;
  sections: StorySection[];
}

const listed = (parts: Readonly<Record<string, number>>): string =>
  Object.entries(parts)
    .map(([name, count]) => `${name} ${formatNumber(count)}`)
    .join(', ');

const why = ({ trigger, requestedBy, kind, champion, startedAt }: ReleaseRecord): StorySection => ({
  title: 'Why it began',
  lines: [
    `Asked for by ${requestedBy.join(', ')} (${trigger}), as a ${kind} release, on ${formatTime(startedAt)}.`,
    champion === null ? 'The model had no champion before.' : `${champion} served everyone then.`,
  ],
});

const unknownOfLost = (what: string): string => `${what} is not known: its workflow was lost before it could say.`;

function data(record: ReleaseRecord): StorySection {
  const { dataset, golden } = record;
  const frozen = `It is judged on the golden set ${golden.name} ${golden.version} (${shortDigest(golden.ref.sha256)}).`;
  if (dataset === null) {
    const line = isOfLostRelease(record)
      ? unknownOfLost('What data it was made of, if any,')
      : 'It ended before its data was prepared.';
    return { title: 'Data', lines: [line, frozen] };
  }
  const { read, rows, deadLettered, digest, name } = dataset;
  const left = Object.keys(deadLettered).length === 0 ? '' : `; left out: ${listed(deadLettered)}`;
  return {
    title: 'Data',
    lines: [
      `${formatCount(rows)} of ${formatCount(read)} rows of ${name} were kept${left} (data set ${shortDigest(digest)}).`,
      frozen,
    ],
  };
}

function untrained(record: ReleaseRecord): string {
  const { kind, candidate, adapter } = record;
  if (candidate) return `It rolls out version ${candidate.version} of ${candidate.releaseId}, and trains nothing.`;
  if (kind !== 'training') return `A ${kind} release is not trained.`;
  if (!isOfLostRelease(record)) return 'It ended before it was trained.';
  return adapter === null
    ? unknownOfLost('How far its training came')
    : `It was trained (adapter ${shortDigest(adapter.sha256)}). ${unknownOfLost('On how many rows and how well')}`;
}

function training(record: ReleaseRecord): StorySection {
  const { training: trained, base, costUsd } = record;
  if (trained === null) return { title: 'Training', lines: [untrained(record)] };
  const { rows, seconds, metrics, truncatedRows, jobName } = trained;
  const cut = truncatedRows === 0 ? '' : `, ${formatCount(truncatedRows)} of them cut to the longest length`;
  return {
    title: 'Training',
    lines: [
      `${base.id} was trained on ${formatCount(rows)} rows${cut} in ${formatSeconds(seconds)} for ${formatUsd(costUsd['training'] ?? 0)} (job ${jobName}).`,
      ...(Object.keys(metrics).length === 0 ? [] : [`It ended at ${listed(metrics)}.`]),
    ],
  };
}

const gateTable = (verdicts: readonly Verdict[]): StorySection['table'] => ({
  head: ['gate', 'verdict', 'why'],
  rows: verdicts.map(({ gate, verdict, reason, informs }) => [
    gate,
    informs ? `${verdict} (informs)` : verdict,
    reason,
  ]),
});

/** Gates with their verdicts; what only says that it was left out is named in one sentence. */
function gates(title: string, verdicts: readonly Verdict[], line: string): StorySection[] {
  if (verdicts.length === 0) return [];
  const isLeftOut = ({ verdict, informs }: Verdict): boolean => verdict === 'unmeasured' && informs === true;
  const leftOut = verdicts.filter(isLeftOut).map(({ gate }) => gate.replace(/^left out /, ''));
  const judged = verdicts.filter((one) => !isLeftOut(one));
  const lines = [line, ...(leftOut.length === 0 ? [] : [`Not measured, as its report says: ${leftOut.join(', ')}.`])];
  return [{ title, lines, table: gateTable(judged)! }];
}

/** Answers as the log has them: a release that was lost has taken its own with it. */
const loggedApprovals = (entries: readonly LoggedEntry[]): ReleaseRecord['approvals'] =>
  entries
    .filter(({ kind }) => kind === 'approval')
    .flatMap(({ actor, reason, evidenceDigest, details }) => {
      const words = reason.replace(/^(approve|reject)(: |$)/, '');
      return approvalSchema.safeParse({ ...details, by: actor, reason: words, evidenceDigest }).data ?? [];
    });

function approvals(record: ReleaseRecord, entries: readonly LoggedEntry[]): StorySection[] {
  const { evidenceDigest } = record;
  const answers = isOfLostRelease(record) ? loggedApprovals(entries) : record.approvals;
  if (answers.length === 0) return [];
  return [
    {
      title: 'Approval',
      lines: answers.map(({ by, decision, at, channel, reason, evidenceDigest: signed }) => {
        const words = reason === '' ? '' : `, saying "${reason}"`;
        const what = signed === evidenceDigest ? 'the evaluation’s evidence' : 'evidence of a later stage';
        return `${by} ${decision === 'approve' ? 'approved' : 'refused'} on ${formatTime(at)} (${channel})${words}; signed ${what}, ${shortDigest(signed)}.`;
      }),
    },
  ];
}

const unjudged: StorySection = { title: 'Evaluation', lines: [unknownOfLost('What an evaluation found, if any,')] };

const share = (details: LoggedEntry['details'], name: string): string => {
  const value = details[name];
  return typeof value === 'number' ? formatShare(value) : '';
};

function traffic(entries: readonly LoggedEntry[]): StorySection[] {
  const plans = entries.filter(
    ({ details }) => typeof details['revision'] === 'number' && 'challengerShare' in details,
  );
  if (plans.length === 0) return [];
  const rows = plans.map(({ at, details, actor, reason, kind }) => [
    formatTime(at),
    String(details['revision']),
    share(details, 'challengerShare'),
    kind,
    actor,
    reason,
  ]);
  return [
    {
      title: 'Traffic',
      lines: [`${plans.length} traffic plans were written for it.`],
      table: { head: ['when', 'plan', 'challenger', 'kind', 'by', 'why'], rows },
    },
  ];
}

const ending = (record: ReleaseRecord): StorySection => ({
  title: 'How it ended',
  lines: [
    outcomeView(record).sentence,
    `It took ${formatSeconds(record.seconds)} and cost ${formatUsd(totalCostUsd(record))}.`,
    ...(record.rollback?.seconds == null
      ? []
      : [
          `The gateways served the champion alone ${formatSeconds(record.rollback.seconds)} after the evidence was there.`,
        ]),
  ],
});

function repeatedSection(repeated: StoryInput['repeated']): StorySection[] {
  if (repeated === null) return [];
  const different = repeated.filter(({ differences }) => differences.length > 0);
  return [
    {
      title: 'Made again from what was stored',
      lines: [
        different.length === 0
          ? `All ${repeated.length} decisions come out the same, bit for bit.`
          : `${different.length} of ${repeated.length} decisions come out OTHERWISE.`,
        ...different.flatMap(({ part, differences }) =>
          differences
            .slice(0, 10)
            .map(({ what, recorded, recomputed }) => `${part}, ${what}: recorded ${recorded}, now ${recomputed}`),
        ),
      ],
      table: {
        head: ['decision', 'verdict', 'from', 'again'],
        rows: repeated.map(({ part, verdict, from, differences }) => [
          part,
          verdict,
          from,
          differences.length === 0 ? 'equal' : `different in ${differences.length}`,
        ]),
      },
    },
  ];
}

const logSection = ({ entries, log }: StoryInput): StorySection => ({
  title: 'Audit log',
  lines: [
    `${entries.length} of ${log.entries} entries of the model's log are about it; the log is ${log.ok ? 'unbroken' : 'BROKEN'}.`,
    ...log.problems.slice(0, 10),
  ],
  table: {
    head: ['entry', 'when', 'kind', 'by', 'evidence', 'what'],
    rows: entries.map(({ sequence, at, kind, actor, evidenceDigest, reason }) => [
      String(sequence),
      formatTime(at),
      kind,
      actor,
      evidenceDigest === null ? '' : shortDigest(evidenceDigest),
      reason,
    ]),
  },
});

/**
 * The story of a release as people tell it, with its numbers, from its record and the audit log: why it began, what it
 * was made of, what it was judged by, who approved, which users it got when and why, what the guards saw, how it ended.
 */
export function releaseStory(input: StoryInput): Story {
  const { releaseId, record, evaluationGates, entries, looks, repeated } = input;
  const end = [...repeatedSection(repeated), logSection(input)];
  if (record === null)
    return {
      title: `${releaseId}: has no record yet`,
      sections: [...traffic(entries), ...evidenceSection(looks), ...end],
    };
  const known = new Set(evaluationGates);
  const offline = record.verdicts.filter(({ gate }) => known.has(gate));
  const live = record.verdicts.filter(({ gate }) => !known.has(gate));
  const verdict = record.evaluation?.verdict ?? 'unmeasured';
  return {
    title: `${releaseId}: ${outcomeWord(record).word.toLowerCase()}`,
    sections: [
      why(record),
      data(record),
      training(record),
      ...(isOfLostRelease(record) && record.evaluation === null ? [unjudged] : []),
      ...gates('Evaluation', offline, `Against its limits and the champion: ${verdict}.`),
      ...gates('While it was rolled out', live, 'Judged by smoke questions, load, shadow, canary and bake.'),
      ...approvals(record, entries),
      ...traffic(entries),
      ...evidenceSection(looks),
      ending(record),
      ...end,
    ],
  };
}
