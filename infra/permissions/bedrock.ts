import type { Arns, Permission } from './permission.js';

export const findFacts = (bedrock: string): Permission => ({
  id: 'FindFacts',
  actions: ['bedrock:Retrieve'],
  resources: [`${bedrock}:knowledge-base/*`],
  because: 'a knowledge base has an id of its own, which a spec names',
});

/** Releases as models imported into Bedrock. What is asked for by a list has no resources that AWS knows. */
export const bedrockOfWorker = ({ bedrock, embeddingModel, importRole }: Arns): Permission[] => [
  {
    id: 'ImportModels',
    actions: ['bedrock:CreateModelImportJob', 'bedrock:TagResource'],
    resources: [`${bedrock}:model-import-job/*`, `${bedrock}:imported-model/*`, importRole],
    because: 'jobs and models are named after their release, and carry our tag from the start (TagResource)',
  },
  {
    id: 'WatchImports',
    actions: ['bedrock:GetModelImportJob', 'bedrock:GetImportedModel', 'bedrock:ListTagsForResource'],
    resources: [`${bedrock}:model-import-job/*`, `${bedrock}:imported-model/*`],
    because: 'jobs and models are named after their release; whose they are shows in their tags alone',
  },
  {
    id: 'RemoveModels',
    actions: ['bedrock:DeleteImportedModel'],
    resources: [`${bedrock}:imported-model/*`],
    conditions: { Null: { 'aws:ResourceTag/understudy:release': 'false' } },
    because: "models are named after their release; those without our tag are somebody else's",
  },
  {
    id: 'ListModels',
    actions: ['bedrock:ListImportedModels', 'bedrock:ListModelImportJobs'],
    resources: ['*'],
    because: 'Bedrock knows no resources for lists',
  },
  {
    id: 'AskModels',
    actions: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'],
    resources: [`${bedrock}:imported-model/*`, embeddingModel],
    because: 'releases are imported into Bedrock under ids of its own',
  },
  findFacts(bedrock),
];
