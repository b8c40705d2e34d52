import { shortName } from '../sagemaker/job-name.js';

const scheme = 'sagemaker-async://';
const pattern = /^sagemaker-async:\/\/([^/]+)\/v1\/?$/;

/** The address under which a model's releases answer questions that can wait. */
export const asyncAddress = (model: string): string => `${scheme}${model}/v1`;

/** The model of such an address; null for any other address. */
export const modelOfAddress = (endpoint: string): string | null => pattern.exec(endpoint)?.[1] ?? null;

/**
 * SageMaker's endpoint behind one name that a model answers to: a release's, or its base's where a release has no adapter.
 * Questions to an asynchronous endpoint can't name a variant, so that each has an endpoint of its own.
 */
export const asyncEndpointName = ({ model, name }: { model: string; name: string }): string =>
  shortName({ text: `understudy ${model} ${name} async` });

/** Where questions and answers of an endpoint lie in the store; gone once it is retired. */
export const asyncFolder = (endpoint: string): string => `offline/${endpoint}`;

export const asyncKeys = {
  question: ({ endpoint, digest }: { endpoint: string; digest: string }): string =>
    `${asyncFolder(endpoint)}/questions/${digest}.json`,
  /** Where SageMaker said that it will lay the answer down. */
  asked: ({ endpoint, digest }: { endpoint: string; digest: string }): string =>
    `${asyncFolder(endpoint)}/asked/${digest}.json`,
  /** SageMaker writes below it. */
  out: (endpoint: string): string => `${asyncFolder(endpoint)}/out`,
};
