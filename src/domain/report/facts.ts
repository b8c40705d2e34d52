import { totalCostUsd, type ReleaseRecord } from '../release/release-record.js';
import { formatBytes, formatNumber, formatSeconds, formatTime, formatUsd } from './format.js';

/** One line of the record; `code` is for what people copy, such as digests. */
export interface Fact {
  label: string;
  value: string;
  code: boolean;
}

const fact = (label: string, value: string | null, code = false): Fact => ({
  label,
  value: value ?? 'none',
  code: code && value !== null,
});

const listed = (entries: Record<string, unknown>): string | null => {
  const parts = Object.entries(entries).map(([name, value]) => {
    const written = typeof value === 'number' ? formatNumber(value) : String(value);
    return `${name} ${written}`;
  });
  return parts.length === 0 ? null : parts.join(', ');
};

function datasetFacts({ dataset, golden }: ReleaseRecord): Fact[] {
  const goldenFact = fact('Golden set', `${golden.name} ${golden.version} · ${golden.ref.sha256}`, true);
  if (dataset === null) return [fact('Data set', null), goldenFact];
  const left = listed(dataset.deadLettered);
  return [
    fact('Data set', `${dataset.name} ${dataset.digest}`, true),
    fact('Rows', `${dataset.rows} of ${dataset.read} read${left ? `; left out: ${left}` : ''}`),
    goldenFact,
  ];
}

function trainingFacts({ training, adapter, base }: ReleaseRecord): Fact[] {
  const adapterText = adapter ? `${adapter.uri} · ${adapter.sha256} · ${formatBytes(adapter.bytes)}` : null;
  const facts = [
    fact('Base model', base.revision === null ? base.id : `${base.id} @ ${base.revision}`, true),
    fact('Adapter', adapterText, true),
  ];
  if (training === null) return facts;
  const cut = training.truncatedRows === 0 ? 'none cut' : `${training.truncatedRows} cut to the longest length`;
  return [
    ...facts,
    fact('Training', `${training.rows} rows, ${cut}, ${formatSeconds(training.seconds)}, job ${training.jobName}`),
    fact('Training settings', listed(training.parameters)),
    fact('Training results', listed(training.metrics)),
  ];
}

function servingFacts({ serving, tracking, promptDigest, indexVersion, embeddingModel }: ReleaseRecord): Fact[] {
  const settings = serving === null ? null : listed(serving.settings);
  return [
    fact('Prompt digest', promptDigest, true),
    fact('Index version', indexVersion, true),
    fact('Embedding model', embeddingModel),
    fact('Served as', serving === null ? null : `${serving.adapter} at ${serving.liveEndpoint}`, true),
    ...(settings === null ? [] : [fact('Serving settings', settings)]),
    fact('MLflow run', tracking?.runId ?? null, true),
    fact('Model version', tracking?.modelVersion ?? null),
  ];
}

/** Everything of the record that a person may look up, in the order of the release's life. */
export function recordFacts(record: ReleaseRecord): Fact[] {
  const cost = listed(Object.fromEntries(Object.entries(record.costUsd).map(([kind, usd]) => [kind, formatUsd(usd)])));
  const approvals = record.approvals.map((one) => {
    const why = one.reason === '' ? '' : ` ("${one.reason}")`;
    return `${one.decision} by ${one.by} at ${formatTime(one.at)}, ${one.channel}${why}`;
  });
  return [
    fact('Release', `${record.releaseId} (${record.kind})`),
    fact('Asked for by', `${record.requestedBy.join(', ')} (${record.trigger})`),
    fact('Champion before', record.champion),
    fact('Started, ended', `${formatTime(record.startedAt)} – ${formatTime(record.endedAt)}`),
    fact('Specification', `${record.specification.uri} · ${record.specification.sha256}`, true),
    fact('Overlays', record.overlays.join(', ') || null),
    fact('Code commit', record.codeCommit, true),
    ...datasetFacts(record),
    ...trainingFacts(record),
    ...servingFacts(record),
    fact('Evidence digest', record.evidenceDigest, true),
    fact('Approvals', approvals.join('; ') || null),
    fact('Cost', `${formatUsd(totalCostUsd(record))}${cost === null ? '' : ` (${cost})`}`),
  ];
}
