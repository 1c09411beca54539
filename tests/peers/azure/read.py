"""Reads an Azure with Microsoft's own clients, and prints what they understood, as JSON.

The first line of standard input says where it is and who asks:
{"authority", "arm", "graph", "tenant", "client", "secret", "ca", "federated", "subscriptions": [...], "vaults": [...]}

A certificate is made here; the script prints it first, in PEM, and goes on when a second line arrives: by then the other
side has to know it.
"""

import datetime
import json
import sys

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
)
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.dataprotection import DataProtectionMgmtClient
from azure.mgmt.recoveryservices import RecoveryServicesClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def make_certificate():
    """A key and a certificate of its own, in PEM: both together, and the certificate alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lanyard reader")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return private + public, public


def say(value):
    print(json.dumps(value), flush=True)


def main():
    told = json.loads(sys.stdin.readline())
    both, public = make_certificate()
    say({"certificate": public.decode()})
    sys.stdin.readline()

    common = {
        "authority": told["authority"],
        "connection_verify": told["ca"],
        "disable_instance_discovery": True,
    }
    arm = told["arm"] + "/.default"
    secret = ClientSecretCredential(told["tenant"], told["client"], told["secret"], **common)
    result = {"credentials": {}, "refused": {}}

    def device(uri, code, until):
        result["device"] = {"uri": uri, "code": code}

    for name, credential in {
        "secret": secret,
        "certificate": CertificateCredential(told["tenant"], told["client"], certificate_data=both, **common),
        "federated": ClientAssertionCredential(
            told["tenant"], told["client"], lambda: told["federated"], **common
        ),
        "device": DeviceCodeCredential(
            told["client"], tenant_id=told["tenant"], prompt_callback=device, timeout=30, **common
        ),
    }.items():
        result["credentials"][name] = len(credential.get_token(arm).token) > 0
    wrong = ClientSecretCredential(told["tenant"], told["client"], "wrong", **common)
    try:
        wrong.get_token(arm)
    except ClientAuthenticationError as error:
        result["refused"]["secret"] = str(error)

    options = {
        "base_url": told["arm"],
        "credential_scopes": [arm],
        "connection_verify": told["ca"],
        "retry_total": 3,
    }
    result["roleAssignments"], result["roleDefinitions"] = {}, {}
    result["denyAssignments"], result["eligibilities"] = {}, {}
    result["vaults"], result["backupVaults"], result["guards"], result["proxies"] = {}, {}, {}, {}
    for subscription in told["subscriptions"]:
        authorization = AuthorizationManagementClient(secret, subscription, **options)
        scope = "/subscriptions/" + subscription
        result["roleAssignments"][subscription] = [
            {
                "name": one.name,
                "id": one.id,
                "principal": one.principal_id,
                "principalType": str(getattr(one.principal_type, "value", one.principal_type)),
                "role": one.role_definition_id,
                "scope": one.scope,
                "condition": one.condition,
            }
            for one in authorization.role_assignments.list_for_scope(scope)
        ]
        result["roleDefinitions"][subscription] = [
            {
                "name": one.name,
                "roleName": one.role_name,
                "type": one.role_type,
                "actions": one.permissions[0].actions,
                "notActions": one.permissions[0].not_actions,
            }
            for one in authorization.role_definitions.list(scope)
        ]
        result["denyAssignments"][subscription] = [
            {
                "name": one.name,
                "actions": one.permissions[0].actions,
                "principals": [principal.id for principal in one.principals],
                "except": [principal.id for principal in one.exclude_principals],
            }
            for one in authorization.deny_assignments.list_for_scope(scope)
        ]
        result["eligibilities"][subscription] = [
            {
                "name": one.name,
                "principal": one.principal_id,
                "scope": one.scope,
                "role": one.role_definition_id,
                "end": one.end_date_time and one.end_date_time.isoformat(),
                "memberType": one.member_type,
            }
            for one in authorization.role_eligibility_schedule_instances.list_for_scope(scope)
        ]
        recovery = RecoveryServicesClient(secret, subscription, **options)
        result["vaults"][subscription] = [
            {
                "id": one.id,
                "name": one.name,
                "location": one.location,
                "mua": one.properties.security_settings.multi_user_authorization,
            }
            for one in recovery.vaults.list_by_subscription_id()
        ]
        protection = DataProtectionMgmtClient(secret, subscription, **options)
        result["backupVaults"][subscription] = [
            {"id": one.id, "name": one.name, "guarded": one.properties.is_vault_protected_by_resource_guard}
            for one in protection.backup_vaults.get_in_subscription()
        ]
        result["guards"][subscription] = [
            {
                "id": one.id,
                "name": one.name,
                "operations": len(one.properties.resource_guard_operations),
            }
            for one in protection.resource_guards.get_resources_in_subscription()
        ]
        for vault in result["backupVaults"][subscription]:
            group = vault["id"].split("/")[4]
            result["proxies"][vault["name"]] = [
                one.properties.resource_guard_resource_id
                for one in protection.dpp_resource_guard_proxy.list(group, vault["name"])
            ]
    authorization = AuthorizationManagementClient(secret, told["subscriptions"][0], **options)
    result["assignedTo"] = [
        one.name
        for one in authorization.role_assignments.list_for_scope(
            told["vault"], filter="assignedTo('" + told["person"] + "')"
        )
    ]
    try:
        list(authorization.role_assignments.list_for_scope("/subscriptions/" + told["unreadable"]))
    except HttpResponseError as error:
        result["refused"]["subscription"] = [error.status_code, error.error.code]

    # Graph has no small client: its pages are turned by azure-core with a token of azure-identity.
    bearer = BearerTokenCredentialPolicy(secret, told["graph"] + "/.default")
    with Pipeline(RequestsTransport(connection_verify=told["ca"]), [bearer]) as pipeline:
        users, url = [], told["graph"] + "/v1.0/users?$select=id,userPrincipalName,accountEnabled&$top=50"
        while url:
            answer = pipeline.run(HttpRequest("GET", url)).http_response
            page = json.loads(answer.body() if hasattr(answer, "body") else answer.content)
            users.extend(page["value"])
            url = page.get("@odata.nextLink")
        result["users"] = users
    say(result)


if __name__ == "__main__":
    main()
