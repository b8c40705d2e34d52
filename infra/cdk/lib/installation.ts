import { App } from 'aws-cdk-lib';
import type { Settings } from '../../settings.js';
import { checkAll } from './checks.js';
import { addStacks, type Stacks } from './stacks.js';

/** How CDK makes what it makes, in its present way; the same in commands and in tests. */
const features = {
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName': true,
};

/** An installation, ready to be synthesised: nothing is looked up, so that neither an account nor a network is needed. */
export function installation({ settings, outdir }: { settings: Settings; outdir?: string }): {
  app: App;
  stacks: Stacks;
} {
  const app = new App({ postCliContext: features, ...(outdir === undefined ? {} : { outdir }) });
  const stacks = addStacks({ app, settings });
  checkAll({ app });
  return { app, stacks };
}
