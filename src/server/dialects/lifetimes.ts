import type { Lifetimes } from '../accounts/accounts.ts';
import type { Config } from '../config.ts';

export type LifetimeConfig = Pick<
  Config,
  'jwtLifetimeSeconds' | 'tokenLifetime' | 'refreshTokenLifetime' | 'jwtAccessTokenExpiresMinutes'
>;

const secondsPerMinute = 60;

const toSeconds = (minutes: number | undefined): number | undefined =>
  minutes === undefined ? undefined : minutes * secondsPerMinute;

/** How long the tokens of each system's logins live, where it has variables of its own. */
export const lifetimesOf = (config: LifetimeConfig): Record<'direct' | 'lobby' | 'actions', Lifetimes> => ({
  direct: { accessSeconds: config.jwtLifetimeSeconds },
  lobby: { accessSeconds: toSeconds(config.tokenLifetime), idleSeconds: toSeconds(config.refreshTokenLifetime) },
  actions: { accessSeconds: toSeconds(config.jwtAccessTokenExpiresMinutes) },
});
