import { MlflowClient } from 'mlflow-ts-client';
import type { Settings } from '../../config/settings.js';

/** A client of the MLflow that settings name. It repeats nothing by itself: Temporal, or whoever asked, does. */
export const mlflowClientOf = ({
  mlflow: { token, username, password },
  trackingUri,
}: {
  mlflow: Settings['mlflow'];
  trackingUri: string;
}): MlflowClient =>
  new MlflowClient({
    ...{ trackingUri, retries: 0 },
    ...(token ? { token: token.reveal() } : {}),
    ...(username && password ? { username, password: password.reveal() } : {}),
  });
