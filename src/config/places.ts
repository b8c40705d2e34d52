import { resolve } from 'node:path';
import { path, storeLocation, tableName } from './fields.js';

/** Where things are kept, for workers, commands and gateways alike. */
export const placeDefinitions = {
  UNDERSTUDY_HOME: { schema: path.default(resolve('.understudy')), mend: 'Name a folder.' },
  UNDERSTUDY_STORE: {
    schema: storeLocation.optional(),
    mend: 'Name the folder of the artifact store, or its bucket as s3://bucket/prefix.',
  },
  UNDERSTUDY_SUMMARIES_TABLE: {
    schema: tableName.optional(),
    mend: 'Name a DynamoDB table, or unset it for the store.',
  },
};
