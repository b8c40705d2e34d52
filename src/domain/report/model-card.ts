import { stringify } from 'yaml';
import { isOfLostRelease, type ReleaseRecord } from '../release/release-record.js';
import type { Flag } from '../release/review-flags.js';
import type { Verdict } from '../release/verdict.js';
import type { ModelSpec } from '../spec/model-spec.js';
import { formatDifference, formatNumber, formatShare, formatTime } from './format.js';
import { markdownTable, plainMarkdown } from './markdown.js';
import { outcomeWord } from './verdict-sentence.js';
import type { ReportEvaluation } from './report-input.js';
import { harmedSlices } from './report-model.js';
import { mean } from './score-views.js';

/** What a model card is made from; nothing in it is known from anywhere else. */
export interface ModelCardInput {
  record: ReleaseRecord;
  spec: Pick<ModelSpec, 'data' | 'evaluation'>;
  /** Null where the release never got so far. */
  evaluation: {
    report: ReportEvaluation;
    flags: readonly Flag[];
    leftOut: readonly { metric: string; reason: string }[];
    judged: readonly { metric: string; standing: string; reason: string }[];
  } | null;
}

const whatFor: Readonly<Record<string, string>> = {
  'support-tickets': 'answers questions of customers, as it learnt from resolved support tickets',
  reviews: 'works on reviews of products, as it learnt from reviews',
};

/**
 * The card of a release's model: Markdown with YAML front matter as model hubs read it (Mitchell et al. 2019). It says
 * only what the record and the evidence say; the same release gives the same bytes.
 */
export function modelCard(input: ModelCardInput): string {
  const { record } = input;
  const parts: [string, string | null][] = [
    ['Intended use', intendedUse(input)],
    ['Training data', trainingData(input)],
    ['Training', training(record)],
    ['Evaluation', evaluated(input)],
    ['By slice', slices(input)],
    ['Limits and known biases', limits(input)],
    ['Approvals', approvals(record)],
    ['Where it comes from', provenance(record)],
  ];
  const body = parts.flatMap(([title, text]) => (text === null ? [] : [`## ${title}\n\n${text}`]));
  return `---\n${stringify(frontMatter(input))}---\n\n# ${record.releaseId}\n\n${outcome(record)}\n\n${body.join('\n\n')}\n`;
}

function frontMatter({ record, spec, evaluation }: ModelCardInput) {
  const measured = (evaluation?.report.metrics ?? []).map(({ metric, challenger }) => ({
    ...{ type: metric, name: metric, value: mean(challenger) },
  }));
  return {
    language: spec.data.languages,
    pipeline_tag: 'text-generation',
    base_model: record.base.id,
    ...(record.adapter && { base_model_relation: 'adapter', library_name: 'peft' }),
    tags: ['understudy', ...(record.adapter && record.training ? [String(record.training.parameters['method'])] : [])],
    ...(measured.length > 0 && {
      'model-index': [
        {
          name: record.releaseId,
          results: [
            {
              task: { type: 'text-generation' },
              dataset: {
                type: record.golden.name,
                name: `golden set ${record.golden.name}`,
                revision: record.golden.version,
              },
              metrics: measured,
            },
          ],
        },
      ],
    }),
  };
}

function outcome(record: ReleaseRecord): string {
  const { word } = outcomeWord(record);
  const reasons = record.reasons.length === 0 ? '' : `: ${plainMarkdown(record.reasons.join('; '))}`;
  const champion =
    record.champion === null ? 'There was no champion before it.' : `Before it served ${record.champion}.`;
  return `A ${record.kind} release of ${record.model}, ended ${formatTime(record.endedAt)}. **${word}**${reasons}. ${champion}`;
}

const intendedUse = ({ record, spec: { data } }: ModelCardInput): string =>
  [
    `${record.model} ${whatFor[data.recipe] ?? 'answers questions'}, in these languages: ${data.languages.join(', ')}. It is meant for questions like those of the golden set ${record.golden.name} ${record.golden.version}, served with the prompt named below.`,
    'It was measured for nothing else: other tasks, other languages, questions unlike those of the golden set, and answers that somebody relies on without a person who checks them.',
    'Its answers are written by a machine and can state what is not so. Whoever shows them says so to those who read them.',
  ].join('\n\n');

function trainingData({ record: { dataset } }: ModelCardInput): string {
  if (dataset === null) return 'No data was prepared for this release.';
  const left = Object.entries(dataset.deadLettered).map(([reason, count]) => `${reason} ${count}`);
  return [
    `- data set \`${dataset.name}\`, version \`${dataset.digest}\``,
    `- ${dataset.rows} of ${dataset.read} rows were taken; left out: ${plainMarkdown(left.join(', ')) || 'none'}`,
    '- personal data that was found was replaced by placeholders; what the detectors do not know is still there',
    '- rows that overlap with golden cases were removed',
  ].join('\n');
}

function training({ training: trained, base, adapter }: ReleaseRecord): string {
  const from = `Base model \`${base.id}\`${base.revision === null ? '' : `, revision \`${base.revision}\``}; its licence holds for what is made from it.`;
  if (trained === null) return `${from} Nothing was trained for this release.`;
  const { rows, truncatedRows, seconds, parameters, metrics } = trained;
  const cut = truncatedRows === 0 ? '' : `, ${truncatedRows} of them cut to the longest length`;
  return [
    `${from} ${rows} rows${cut}, ${formatNumber(seconds)} s.${adapter === null ? '' : ` Adapter SHA-256 \`${adapter.sha256}\`.`}`,
    markdownTable({
      head: ['Setting', 'Value'],
      rows: Object.entries(parameters).map(([name, value]) => [name, value === null ? 'none' : String(value)]),
    }),
    markdownTable({
      head: ['Measured while training', 'Value'],
      rows: Object.entries(metrics).map(([name, value]) => [name, formatNumber(value)]),
    }),
  ].join('\n\n');
}

const shown = (value: number | null): string => (value === null ? '–' : formatNumber(value));

const gateRow = ({ gate, verdict, value, bound, limit, n }: Verdict): (string | number)[] => [
  ...[gate, verdict, shown(value), shown(bound), shown(limit)],
  n,
];

function evaluated({ record, evaluation }: ModelCardInput): string {
  const gates = record.verdicts.filter((one) => one.informs !== true);
  if (gates.length === 0)
    return isOfLostRelease(record)
      ? 'Nothing that was measured is known: the workflow of the release was lost.'
      : 'The release ended before anything was measured.';
  const means = (evaluation?.report.metrics ?? []).map(({ metric, challenger, champion, baseline }) => [
    ...[metric, formatNumber(mean(challenger))],
    ...[champion, baseline].map((scores) => (scores === null ? '–' : formatNumber(mean(scores)))),
    challenger.length,
  ]);
  return [
    `On golden set ${record.golden.name} ${record.golden.version}, SHA-256 \`${record.golden.ref.sha256}\`. "Bound" is what was held against the limit: an end of the interval, or the value itself where the spec says so.`,
    markdownTable({ head: ['Gate', 'Verdict', 'Value', 'Bound', 'Limit', 'n'], rows: gates.map(gateRow) }),
    ...(means.length === 0
      ? []
      : [markdownTable({ head: ['Metric', 'This release', 'Champion before', 'Baseline', 'n'], rows: means })]),
  ].join('\n\n');
}

function slices({ evaluation }: ModelCardInput): string | null {
  const rows = evaluation?.report.slices ?? [];
  if (rows.length === 0) return null;
  return [
    'This release minus the champion before it. Slices inform and decide nothing; those with few cases tell little.',
    markdownTable({
      head: ['Slice', 'Metric', 'Difference', 'Interval', 'n'],
      rows: rows.map(({ slice, metric, difference, low, high, n }) => [
        ...[slice, metric, formatDifference(difference)],
        ...[`${formatDifference(low)} to ${formatDifference(high)}`, n],
      ]),
    }),
  ].join('\n\n');
}

function limits({ record, spec, evaluation }: ModelCardInput): string {
  const notPassed = record.verdicts.filter((one) => one.informs !== true && one.verdict !== 'pass');
  const said = [
    ...notPassed.map(({ gate, verdict, reason }) => `${gate} is ${verdict}: ${reason}`),
    ...(evaluation?.flags ?? []).flatMap(({ raised, reason }) => (raised ? [reason] : [])),
    ...harmedSlices(evaluation?.report.slices ?? []),
    ...notMeasured(evaluation?.leftOut ?? []),
    ...(evaluation?.judged ?? []).map(
      ({ metric, standing, reason }) => `${metric} is a judge's score (${standing}): ${reason}`,
    ),
    ...record.overlays.map((overlay) => `the overlay ${overlay} replaced parts of the spec, limits among them`),
    'bias by age, gender, origin or dialect was not measured',
    `each gate was decided at an error rate of ${formatShare(spec.evaluation.alpha)}; the numbers hold for questions like those of the golden set`,
  ];
  return said.map((one) => `- ${plainMarkdown(one)}`).join('\n');
}

/** One sentence a reason. */
function notMeasured(leftOut: NonNullable<ModelCardInput['evaluation']>['leftOut']): string[] {
  const reasons = [...new Set((leftOut ?? []).map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const metrics = (leftOut ?? []).filter((one) => one.reason === reason).map(({ metric }) => metric);
    return `${metrics.join(', ')} ${metrics.length === 1 ? 'was' : 'were'} not measured: ${reason}`;
  });
}

function approvals({ approvals: given }: ReleaseRecord): string {
  if (given.length === 0) return 'Nobody was asked.';
  return markdownTable({
    head: ['Who', 'Said', 'When', 'Why', 'How'],
    rows: given.map(({ by, decision, at, reason, channel }) => [by, decision, formatTime(at), reason, channel]),
  });
}

function provenance(record: ReleaseRecord): string {
  const { tracking, promptDigest, evidenceDigest, specification, codeCommit, releaseId } = record;
  const facts: [string, string | null][] = [
    ['specification', specification.sha256],
    ['prompt', promptDigest],
    ['evidence', evidenceDigest],
    ['code commit', codeCommit],
    ['MLflow run', tracking?.runId ?? null],
    ['model version', tracking?.modelVersion ?? null],
  ];
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`- ${name}: \`${value}\``]));
  return [...lines, '', `\`understudy evaluate recompute --release ${releaseId}\` repeats the decision.`].join('\n');
}
