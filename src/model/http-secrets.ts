// What requests need and no record may hold. The coordinator reads it and hands it to the workers beside the plan.

export interface HttpSecrets {
  /** PEM texts. */
  readonly tls?: {
    readonly ca?: readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}
