import { dataSpecSchema } from '../spec/data-spec.js';
import { compareProfiles, type ProfileDrift } from './column-profile/compare-profiles.js';
import type { DatasetManifest } from './manifest.js';
import { recipeOf } from './recipes.js';

const bookkeeping = ['row', 'split', 'cluster'];
/** May be replaced by a pseudonym like an id, and is content all the same: a shift of categories is what drift is about. */
const kind = 'category';

/**
 * Columns of a version that are no content: ids, times and what the pipeline adds. New ids and later times come with
 * every version.
 */
export const columnsBesideContent = ({ recipe, schema }: Pick<DatasetManifest, 'recipe' | 'schema'>): string[] => [
  ...bookkeeping,
  ...recipeOf(dataSpecSchema.shape.recipe.parse(recipe)).identifiers.filter((name) => name !== kind),
  ...schema.filter(({ type }) => type === 'time').map(({ name }) => name),
];

/** What changed in the content of a data set from one version to another. */
export const datasetDrift = ({
  previous,
  current,
}: {
  previous: DatasetManifest;
  current: DatasetManifest;
}): ProfileDrift =>
  compareProfiles({ previous: previous.profile, current: current.profile, ignored: columnsBesideContent(current) });
