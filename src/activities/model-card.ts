import { modelCard } from '../domain/report/model-card.js';
import type { ReleaseRecord } from '../domain/release/release-record.js';
import { evidenceSchema } from './evidence-file.js';
import type { ArtifactStore } from './ports.js';
import { loadSpecification } from './specifications.js';
import { loadJson } from './stored-json.js';

/** The model card of a release, from its record and what the record points to. */
export async function cardOf({ store, record }: { store: ArtifactStore; record: ReleaseRecord }): Promise<string> {
  const { spec } = await loadSpecification({ store, ref: record.specification });
  const evidence =
    record.evaluation && (await loadJson({ store, ref: record.evaluation.evidence, schema: evidenceSchema }));
  const { flags = [], leftOut = [], judged = [] } = evidence ?? {};
  return modelCard({ record, spec, evaluation: evidence && { report: evidence.report, flags, leftOut, judged } });
}
