import type { Config } from '../config.ts';
import { FolderStorage } from './folder-storage.ts';
import { S3Storage } from './s3-storage.ts';
import type { Storage } from './storage.ts';

/** The bucket that the configuration names, else the folder `media`. Neither is looked at before it is needed. */
export const openStorage = (config: Config): Storage =>
  config.s3Bucket === undefined
    ? new FolderStorage(`${config.dataDir}/media`)
    : new S3Storage({ ...config, bucket: config.s3Bucket });
