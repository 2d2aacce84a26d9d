import type * as Sdk from '@aws-sdk/client-s3';
import type { Config } from '../config.ts';
import { requirePlainName, type Storage, type StoredFile } from './storage.ts';

export type S3Place = Pick<Config, 's3Endpoint' | 's3Region' | 's3AccessKeyId' | 's3SecretAccessKey' | 's3Prefix'> & {
  bucket: string;
};

/** Files in a bucket of Amazon S3 or of anything that speaks as it does. */
export class S3Storage implements Storage {
  readonly #place: S3Place;
  #opening: Promise<{ client: Sdk.S3Client; sdk: typeof Sdk }> | undefined;

  constructor(place: S3Place) {
    this.#place = place;
  }

  /** Loaded when it is first needed: most servers keep their files in a folder. */
  #open() {
    return (this.#opening ??= openClient(this.#place));
  }

  #toObject(name: string): { Bucket: string; Key: string } {
    requirePlainName(name);
    return { Bucket: this.#place.bucket, Key: `${this.#place.s3Prefix}${name}` };
  }

  async put(name: string, bytes: Buffer): Promise<void> {
    const { client, sdk } = await this.#open();
    // Nobody reads the bucket but this server, which knows the types itself.
    const object = { ...this.#toObject(name), Body: bytes, ContentType: 'application/octet-stream' };
    await client.send(new sdk.PutObjectCommand(object));
  }

  async get(name: string): Promise<StoredFile | undefined> {
    const { client, sdk } = await this.#open();
    try {
      const { Body, LastModified } = await client.send(new sdk.GetObjectCommand(this.#toObject(name)));
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      return { bytes, storedAtMs: LastModified?.getTime() ?? Date.now() };
    } catch (error) {
      if (error instanceof sdk.NoSuchKey) return undefined;
      throw error;
    }
  }

  async delete(name: string): Promise<void> {
    const { client, sdk } = await this.#open();
    await client.send(new sdk.DeleteObjectCommand(this.#toObject(name)));
  }

  async *list(): AsyncGenerator<string> {
    const { client, sdk } = await this.#open();
    const { bucket: Bucket, s3Prefix: Prefix } = this.#place;
    for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix, Delimiter: '/' }))
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(Prefix.length);
  }
}

const connectMs = 3_000;
const answerMs = 10_000;

async function openClient(place: S3Place) {
  const sdk = await import('@aws-sdk/client-s3');
  const { s3Endpoint: endpoint, s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = place;
  const client = new sdk.S3Client({
    region: place.s3Region,
    // The bucket in the path: other makers' servers rarely have a host name for each bucket.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    // Without keys the SDK looks for them where the machine keeps them.
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    // Other makers' servers do not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: connectMs, requestTimeout: answerMs },
  });
  return { client, sdk };
}
