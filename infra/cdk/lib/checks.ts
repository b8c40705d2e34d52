import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** Runs cdk-nag's rules of AWS Solutions over all stacks at synthesis. */
export const checkAll = ({ app }: { app: App }): void => Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
