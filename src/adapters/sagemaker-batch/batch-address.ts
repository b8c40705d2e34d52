import { shortName } from '../sagemaker/job-name.js';

const scheme = 'sagemaker-batch://';
const pattern = /^sagemaker-batch:\/\/([^/]+)\/v1\/?$/;

/** The address under which a model's releases answer questions by batch transform. */
export const batchAddress = (model: string): string => `${scheme}${model}/v1`;

/** The model of such an address; null for any other address. */
export const modelOfBatchAddress = (endpoint: string): string | null => pattern.exec(endpoint)?.[1] ?? null;

/** What everything belongs to that one name of a model is asked by: a release's, or its base's where it has no adapter. */
export const batchName = ({ model, name }: { model: string; name: string }): string =>
  shortName({ text: `understudy ${model} ${name} batch` });

/** Where in the store what is asked by batch lies; all of it goes once the release is retired. */
export const batchKeys = {
  folder: (batch: string): string => `offline/${batch}`,
  /** One list of the questions of each job. */
  jobs: (batch: string): string => `offline/${batch}/jobs/`,
  job: ({ batch, job }: { batch: string; job: string }): string => `offline/${batch}/jobs/${job}.json`,
  /** A job asks every file below it. */
  questions: ({ batch, job }: { batch: string; job: string }): string => `offline/${batch}/questions/${job}/`,
  /** SageMaker writes below it. */
  out: ({ batch, job }: { batch: string; job: string }): string => `offline/${batch}/out/${job}`,
  archives: (batch: string): string => `archives/${batch}/`,
  archive: ({ batch, digest }: { batch: string; digest: string }): string => `archives/${batch}/${digest}/model.tar.gz`,
  /** Which model of SageMaker answers. */
  current: (batch: string): string => `archives/${batch}/current.json`,
};
