"""What leaves for a CRM, as its importer wants it: HubSpot and Salesforce (docs/crm.md)."""
