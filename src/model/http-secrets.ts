// What requests need and no record may hold. The coordinator reads it and hands it to the workers beside the plan.

export interface HttpSecrets {
  /** URLs of proxies, with their credentials, by the scheme of the target; `except` as in NO_PROXY. */
  readonly proxies?: { readonly http?: string; readonly https?: string; readonly except?: readonly string[] };
  /** PEM texts. */
  readonly tls?: {
    readonly ca?: readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}
