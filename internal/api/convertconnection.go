package api

import (
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func connectionOf(m *provisioningv1.ScimConnection) job.Connection {
	return job.Connection{AppKey: m.GetAppId(), Name: m.GetName(), SCIM: &job.SCIMConnection{
		BaseURL: m.GetBaseUrl(), TokenVersion: m.GetTokenVersion(), Profile: m.GetProfile(),
		RateLimit: job.RateLimit{
			RequestsPerSecond: m.GetRateLimit().GetRequestsPerSecond(), Concurrency: int(m.GetRateLimit().GetConcurrency()), Burst: int(m.GetRateLimit().GetBurst()),
		},
		TLS: job.TLS{
			CABundlePEM: m.GetTls().GetCaBundlePem(), ServerName: m.GetTls().GetServerName(), MinVersion: m.GetTls().GetMinVersion(),
			ClientCertificatePEM: m.GetTls().GetClientCertificatePem(), ClientKeyVersion: m.GetTls().GetClientKeyVersion(),
		},
		OAuth2: oauth2Of(m.GetOauth2()), Basic: basicOf(m.GetBasic()), Proxy: proxyOf(m.GetProxy()),
		Headers: m.GetHeaders(), TimeoutSeconds: m.GetTimeoutSeconds(),
		Compatibility: job.Compatibility{
			UpdateMethod: m.GetCompatibility().GetUpdateMethod(), Bulk: m.GetCompatibility().GetBulk(),
			MembersPerPatch: int(m.GetCompatibility().GetMembersPerPatch()),
			VerifyMembers:   m.GetCompatibility().GetVerifyMembers(), NotFoundIsEmpty: m.GetCompatibility().GetNotFoundIsEmpty(),
		},
	}}
}

func oauth2Of(m *provisioningv1.OAuth2) *job.OAuth2 {
	if m == nil {
		return nil
	}
	return &job.OAuth2{
		TokenURL: m.GetTokenUrl(), ClientID: m.GetClientId(), ClientSecretVersion: m.GetClientSecretVersion(),
		ClientAuthentication: m.GetClientAuthentication(), PrivateKeyVersion: m.GetPrivateKeyVersion(), KeyID: m.GetKeyId(),
		Scopes: sorted(m.GetScopes()), Audience: m.GetAudience(), TokenParameters: m.GetTokenParameters(),
	}
}

func basicOf(m *provisioningv1.BasicAuth) *job.BasicAuth {
	if m == nil {
		return nil
	}
	return &job.BasicAuth{Username: m.GetUsername(), PasswordVersion: m.GetPasswordVersion()}
}

func proxyOf(m *provisioningv1.Proxy) *job.Proxy {
	if m == nil {
		return nil
	}
	return &job.Proxy{URL: m.GetUrl(), NoProxy: sorted(m.GetNoProxy()), Username: m.GetUsername(), PasswordVersion: m.GetPasswordVersion()}
}
